"""Pictures of a published incident on its page in Confluence: by content, once, replaced in place."""

from __future__ import annotations

from dataclasses import replace

import pytest

from postmortems import visibility
from postmortems.db import session as db
from postmortems.document.model import Document, Prose, Section
from postmortems.errors import NotFound, Refusal
from postmortems.exchange.publishing import confluence_files
from postmortems.exchange.publishing.kind import Picture
from postmortems.exchange.publishing.models import Publication
from postmortems.incidents.attachments import image_process, links, operations
from tests.exchange.publishing.test_publish import begin, edit, send
from tests.exchange.publishing.wiki import File, Wiki
from tests.incidents.attachments import samples
from tests.world import World

RED, WIDE = samples.picture("PNG"), samples.picture("PNG", (60, 20))


def uploaded(world: World, content: bytes, name: str) -> str:
    """The Markdown of a picture that Ada uploaded."""
    checked = image_process.checked(content, name, 10**6)
    with db.transaction(), visibility.seen_by(visibility.Viewer(world.ada.name)):
        row = operations.add(checked, actor=world.ada)
        return links.markdown(row.id, row.name, is_picture=row.is_picture)


def report(*texts: str) -> Document:
    return Document("Disk full", status="published", sections=(Section("Summary", tuple(map(Prose, texts))),))


def sent(confluence: Wiki) -> list[str]:
    """The calls that sent a file or took one away, since the last time."""
    calls = [call for call in confluence.calls if "child/attachment" in call or "DELETE" in call]
    confluence.calls.clear()
    return [call for call in calls if not call.startswith("GET")]


def publication() -> Publication:
    with db.reading() as session:
        [row] = session.query(Publication)
        return row


def test_pictures_stand_on_the_page_and_are_sent_once(world: World, confluence: Wiki) -> None:
    graph, log = uploaded(world, RED, "graph & co.png"), uploaded(world, b"a line", "hub.log")
    slug = begin(world, confluence, report(f"{graph} {log}"))

    send(world, slug)

    [page] = confluence.pages.values()
    assert '<ri:attachment ri:filename="graph - co.png" />' in page.body
    assert "Files that are linked here are there" in page.body
    assert list(page.files) == ["graph - co.png"]
    assert samples.read(page.files["graph - co.png"].content).size == (40, 20)
    assert len(sent(confluence)) == 1
    send(world, slug)
    assert sent(confluence) == []


def test_another_picture_of_the_same_name_is_its_next_version(world: World, confluence: Wiki) -> None:
    slug = begin(world, confluence, report(uploaded(world, RED, "graph.png")))
    key = send(world, slug).key
    before = confluence.pages[key].files["graph.png"].content
    edit(world, slug, sections=report(uploaded(world, WIDE, "graph.png")).sections)

    send(world, slug)

    file = confluence.pages[key].files["graph.png"]
    assert (list(confluence.pages[key].files), file.before) == (["graph.png"], [before])
    assert samples.read(file.content).size == (60, 20)


def test_two_pictures_of_one_name_have_two(world: World, confluence: Wiki) -> None:
    both = report(uploaded(world, RED, "graph.png"), uploaded(world, WIDE, "graph.png"))

    key = send(world, begin(world, confluence, both)).key

    names = sorted(confluence.pages[key].files)
    assert len(names) == 2
    assert all(f'ri:filename="{name}"' in confluence.pages[key].body for name in names)


def test_a_picture_that_the_report_has_no_more_is_taken_away(world: World, confluence: Wiki) -> None:
    slug = begin(world, confluence, report(*(uploaded(world, RED, f"{n}.png") for n in range(3))))
    key = send(world, slug).key
    confluence.pages[key].files["theirs.png"] = File("att77", b"x", "a note")
    edit(world, slug, sections=report("No pictures.").sections)

    send(world, slug)

    assert list(confluence.pages[key].files) == ["theirs.png"]


def test_a_file_that_somebody_put_in_its_place_is_not_replaced_unasked(
    world: World, confluence: Wiki
) -> None:
    slug = begin(world, confluence, report(uploaded(world, RED, "graph.png")))
    key = send(world, slug).key
    file = confluence.pages[key].files["graph.png"]
    file.content, file.comment = b"theirs", "mine is nicer"

    with pytest.raises(Refusal, match=r"has a file graph\.png that somebody else attached"):
        send(world, slug)

    assert (file.content, publication().standing) == (b"theirs", "failed")
    send(world, slug, overwrite=True)
    assert (file.before[-1], samples.read(file.content).size) == (b"theirs", (40, 20))


def test_a_page_whose_pictures_did_not_come_is_kept_and_completed(
    world: World, confluence: Wiki, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confluence_files, "MOST_BYTES", 100)
    slug = begin(world, confluence, report(uploaded(world, RED, "a.png"), uploaded(world, WIDE, "b.png")))

    with pytest.raises(Refusal, match="1 of 2 new pictures are there, as many as go at once: publish again"):
        send(world, slug)

    row = publication()
    assert (row.standing, list(confluence.pages[row.key].files)) == ("failed", ["a.png"])
    assert send(world, slug).standing == "current"
    assert (len(confluence.pages), sorted(confluence.pages[row.key].files)) == (1, ["a.png", "b.png"])


def test_a_picture_of_a_restricted_incident_goes_nowhere(world: World, confluence: Wiki) -> None:
    secret = report(uploaded(world, RED, "secret.png"))
    slug = begin(world, confluence, replace(secret, restricted=("ada",)))

    with pytest.raises(NotFound, match="what is restricted is never published"):
        send(world, slug)

    assert confluence.calls == []


def test_a_form_holds_a_name_with_any_sign() -> None:
    picture = Picture("", 'a"\r\nb.png', "image/png", "0" * 64, 1)

    _, body = confluence_files._form(picture, b"x")

    assert b'filename="a%22%0D%0Ab.png"' in body


def test_nothing_is_kept_of_a_page_that_was_not_there(world: World, confluence: Wiki) -> None:
    slug = begin(world, confluence, report(uploaded(world, RED, "a.png")))
    confluence.answers = [(500, "{}")]

    with pytest.raises(Refusal, match="answered 500"):
        send(world, slug)

    assert (confluence.pages, publication().key) == ({}, "")
