"""A repository and the incidents here, brought in step both ways: real repositories, read back with git."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from postmortems.actor import Actor
from postmortems.audit import queries as audit
from postmortems.db import session as db
from postmortems.document.model import Document, Item, Section
from postmortems.errors import Conflict, Refusal
from postmortems.exchange.git import commit as git_commit
from postmortems.exchange.git_sync import pull, repositories
from postmortems.exchange.git_sync import push as git_sync_push
from postmortems.exchange.git_sync import sync as git_sync_sync
from postmortems.exchange.git_sync.models import Remote
from postmortems.exchange.git_sync.repositories import RemoteSettings
from postmortems.gate.enforcement import save_incident
from postmortems.incidents import queries as incidents
from postmortems.reviews import queries as reviews
from tests.exchange.repositories import bare, content, git, log, push, served, with_entry
from tests.exchange.synced import (
    ADA,
    MAIL,
    NAME,
    OTHER,
    OUT,
    SLUG,
    TEXT,
    edit,
    edit_here,
    sync,
)
from tests.incidents.documents import SYSTEM, save, stored, with_item
from tests.slugs import all_slugs

CORPUS = Path(os.environ.get("POSTMORTEMS_CORPUS", Path(__file__).parents[4] / "shared/corpus"))


def changed_lines(place: Path) -> list[str]:
    """The lines that the newest commit takes out and puts in."""
    shown = git(place, "show", "--format=", "-U0", "main")
    return [
        line for line in shown.split("\n") if line and line[:1] in "+-" and line[:3] not in {"+++", "---"}
    ]


# Coming in.


def test_reports_come_in_and_nothing_goes_out(any_database: str, place: Path) -> None:
    outcome = sync(place)

    assert (outcome.brought, outcome.written, outcome.conflicts, outcome.failed) == (2, 0, 0, 0)
    assert stored(SLUG).entries[1].text == "It is full."
    assert log(place) == ["Ada|ada@example.org|Add the reports"]


def test_again_is_a_no_op_without_a_commit(any_database: str, place: Path) -> None:
    sync(place)
    before = git(place, "rev-parse", "main")

    assert sync(place).in_words() == "0 in, 0 out"
    assert git(place, "rev-parse", "main") == before


def test_an_edit_there_comes_in_and_is_not_written_back(any_database: str, place: Path) -> None:
    sync(place)
    commit = edit(place, NAME, b"The disk fills.", b"The disk filled.")

    outcome = sync(place)

    assert (outcome.brought, outcome.written) == (1, 0)
    assert stored(SLUG).entries[0].text == "The disk filled."
    assert outcome.commit == commit
    assert git(place, "rev-parse", "main").strip() == commit


def test_a_file_that_cannot_be_read_stops_no_other(database: str, place: Path) -> None:
    push(place, place.parent / "clone", {"incidents/bad.md": b"\x80 broken"}, "Break")

    outcome = sync(place)

    assert (outcome.brought, outcome.failed) == (2, 1)
    assert any(line.startswith("failed   bad.md") for line in outcome.lines)
    with db.reading() as session:
        assert "bad.md" in session.query(Remote).one().remarks


# Going out.


def test_one_edited_entry_is_a_commit_of_that_line_by_its_editor(any_database: str, place: Path) -> None:
    sync(place)
    edit_here(with_entry(stored(SLUG), 1, text="It was full."), message="Say it in the past")

    outcome = sync(place)

    assert (outcome.brought, outcome.written) == (0, 1)
    assert log(place)[0] == "ada|ada@noreply.invalid|Say it in the past"
    assert changed_lines(place) == ["-| 10:05 | It is full. |\r", "+| 10:05 | It was full. |\r"]
    assert content(place, f"incidents/{NAME}") == TEXT.replace(b"It is full.", b"It was full.")
    assert git(place, "fsck", "--strict", "--no-dangling") == ""
    assert sync(place).in_words() == "0 in, 0 out"


def test_an_edit_without_words_is_told_by_what_it_changed(any_database: str, place: Path) -> None:
    sync(place)
    edit_here(with_entry(stored(SLUG), 1, text="It was full."))
    edit_here(
        with_item(stored(SLUG), "AI-2", status="open"), actor=Actor("person", "ben@example.org", "admin")
    )

    sync(place)

    assert (
        log(place)[0]
        == "ben@example.org|ben@example.org|Edit Disk full: section Timeline, section Action items"
    )
    body = git(place, "log", "-1", "--format=%b", "main")
    assert "Incident: 2020-02-01-disk-full" in body
    assert "Co-authored-by: ada <ada@noreply.invalid>" in body


def test_what_is_written_here_becomes_a_file_of_its_own(any_database: str, place: Path) -> None:
    sync(place)
    slug = save(
        Document(title="Hub down", date=date(2021, 3, 4), status="published",
                 sections=(Section("To do", (Item("Watch it"),)),)), actor=ADA
    ).slug  # fmt: skip

    assert sync(place).written == 1
    assert log(place)[0] == "ada|ada@noreply.invalid|Add Hub down"
    assert b"title: Hub down" in content(place, f"incidents/{slug}.md")
    assert sync(place).in_words() == "0 in, 0 out"
    edit(place, f"{slug}.md", b"Watch it", b"Watch it well")
    assert sync(place).brought == 1
    assert stored(slug).items[0].text == "Watch it well"
    assert len(log(place)) == 3


def test_drafts_and_the_demo_stay_here(database: str, place: Path) -> None:
    save(Document(title="Not yet"))
    with db.transaction():
        save_incident.save(
            None, Document(title="Demo", status="published"), version=None, actor=SYSTEM, is_demo=True
        )

    assert sync(place).written == 0
    assert sync(place, with_drafts=True).written == 1
    assert log(place)[0].endswith("|Add Not yet")


def test_what_is_restricted_never_goes_out(any_database: str, place: Path) -> None:
    sync(place)
    save(Document(title="Known to few", status="published", restricted=("ada",)), actor=SYSTEM)
    edit_here(replace(with_entry(stored(SLUG), 1, text="It was full."), restricted=("ada",)), actor=SYSTEM)

    outcome = sync(place, with_drafts=True)

    assert outcome.written == 0
    pushed = git(place, "log", "-p", "--all")
    assert "Known to few" not in pushed
    assert "It was full." not in pushed
    assert len(log(place)) == 1


def test_with_several_repositories_each_gets_what_hit_its_service(database: str, tmp_path: Path) -> None:
    one, two = bare(tmp_path / "a", {"a.md": OTHER}), bare(tmp_path / "b", {"b.md": TEXT})
    save(Document(title="Both", services=("data8/prod",), status="published"))
    first = sync(one, folder="", service="data8")
    second = sync(two, folder="", service="hub")

    assert (first.brought, first.written) == (1, 1)
    assert (second.brought, second.written) == (1, 0)
    assert sync(one, folder="", service="data8").in_words() == "0 in, 0 out"


def test_an_edit_taken_back_makes_no_commit(database: str, place: Path) -> None:
    sync(place)
    before = stored(SLUG)
    edit_here(with_entry(before, 1, text="It was full."))
    edit_here(before)

    assert sync(place).in_words() == "0 in, 0 out"
    assert len(log(place)) == 1


def test_an_empty_repository_gets_its_first_commit(any_database: str, tmp_path: Path) -> None:
    place = bare(tmp_path)
    save(Document(title="Hub down", date=date(2021, 3, 4), status="published"))

    assert sync(place).written == 1
    assert log(place, "%s") == ["Add Hub down"]
    assert sync(place).in_words() == "0 in, 0 out"


def test_a_file_that_is_read_and_not_written_becomes_markdown(database: str, tmp_path: Path) -> None:
    place = bare(tmp_path, {"2021-03-04-hub.rst": b"Hub down\n========\n\nIt was down.\n"})
    [outcome] = [sync(place, folder="")]
    slug = outcome.lines[0].split("→ ")[1]
    edit_here(replace(stored(slug), title="The hub was down"), slug)

    assert sync(place, folder="").written == 1
    assert git(place, "ls-tree", "--name-only", "main").split() == ["2021-03-04-hub.md"]
    assert sync(place, folder="").in_words() == "0 in, 0 out"


@pytest.mark.corpus
@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not at hand")
def test_real_reports_go_in_without_a_commit_and_one_edit_changes_its_lines(
    database: str, tmp_path: Path
) -> None:
    files = {
        path.relative_to(CORPUS).as_posix(): path.read_bytes()
        for path in CORPUS.rglob("*")
        if path.is_file() and "truth" not in path.parts
    }
    place = bare(tmp_path, files)

    assert sync(place, folder="").written == 0
    assert sync(place, folder="").in_words() == "0 in, 0 out"
    assert len(log(place)) == 1
    slug = "2020-10-28-memory-overload"
    [old] = [each for each in stored(slug).entries if each == stored(slug).entries[0]]
    edit_here(with_entry(stored(slug), 0, text=f"{old.text} Indeed."), slug)
    assert sync(place, folder="").written == 1
    lines = changed_lines(place)
    assert len(lines) == 2
    assert lines[1].removeprefix("+").rstrip() == lines[0].removeprefix("-").rstrip() + " Indeed."
    assert {name: content(place, name) for name in files if "memory-overload" not in name} == {
        name: data for name, data in files.items() if "memory-overload" not in name
    }


# Both ways at once.


def test_edits_on_both_sides_come_together(any_database: str, place: Path) -> None:
    sync(place)
    edit(place, NAME, b"The disk fills.", b"The disk filled.")
    edit_here(with_item(stored(SLUG), "AI-2", status="open"))

    outcome = sync(place)

    assert (outcome.brought, outcome.written, outcome.conflicts) == (1, 1, 0)
    assert content(place, f"incidents/{NAME}") == TEXT.replace(b"fills", b"filled").replace(b"[x]", b"[ ]")
    assert log(place, "%an") == ["ada", "Ada", "Ada"]
    assert sync(place).in_words() == "0 in, 0 out"


def test_a_conflict_overwrites_neither_side_and_asks(any_database: str, place: Path) -> None:
    sync(place)
    edit(place, NAME, b"It is full.", b"It never was full.")
    edit_here(with_entry(stored(SLUG), 1, text="It was full."))

    outcome = sync(place)

    assert (outcome.brought, outcome.written, outcome.conflicts) == (0, 0, 1)
    assert b"It never was full." in content(place, f"incidents/{NAME}")
    assert stored(SLUG).entries[1].text == "It was full."
    with db.reading():
        [review] = reviews.waiting(actor=SYSTEM)
        conflict = reviews.one(incidents.by_slug(SLUG, SYSTEM), review.id).conflict
    assert conflict is not None
    assert "It never was full." in conflict.in_file
    assert "It was full." in conflict.stored
    assert f"/incidents/{SLUG}/reviews/{review.id}" in outcome.lines[0]


def test_a_conflict_is_asked_once_and_settles_itself(any_database: str, place: Path) -> None:
    sync(place)
    edit(place, NAME, b"It is full.", b"It never was full.")
    edit_here(with_entry(stored(SLUG), 1, text="It was full."))
    sync(place)

    assert sync(place).conflicts == 1
    edit_here(with_entry(stored(SLUG), 1, text="It never was full."))
    assert sync(place).in_words() == "0 in, 0 out"
    with db.reading():
        found = reviews.of(incidents.by_slug(SLUG, SYSTEM))
        assert [review.outcome for review in found] == ["settled"]


def test_what_is_restricted_is_not_named_on_the_page_of_the_repository(database: str, place: Path) -> None:
    sync(place)
    edit(place, NAME, b"It is full.", b"It never was full.")
    edit_here(replace(with_entry(stored(SLUG), 1, text="It was full."), restricted=("ada",)), actor=SYSTEM)
    told: list[str] = []
    with db.transaction():
        remote = repositories.ensure(RemoteSettings(str(place), folder="incidents"), actor=SYSTEM)

    outcome = git_sync_sync.run(remote.id, way_out=OUT, mail=MAIL, tell=told.append)

    assert outcome.conflicts == 1
    assert SLUG in told[0]
    with db.reading() as session:
        shown = session.get_one(Remote, remote.id)
        assert (shown.result, shown.remarks) == ("0 in, 0 out", "")
        assert outcome.in_words() == "0 in, 0 out, 1 in conflict"
        assert not [one for one in audit.of("remote", str(remote.id)) if one.data.get("conflicts")]


# Names.


def test_a_file_with_another_name_stays_the_same_incident(any_database: str, place: Path) -> None:
    sync(place)
    edit_here(with_entry(stored(SLUG), 0, text="The disk filled."))
    clone = place.parent / "clone"
    files = {f"incidents/{NAME}": None, "incidents/2020/disk.md": TEXT.replace(b"Buy one", b"Buy two")}
    push(place, clone, files, "Move and edit")

    outcome = sync(place)

    assert f"renamed  {NAME} → 2020/disk.md" in outcome.lines
    assert (outcome.brought, outcome.written) == (1, 1)
    assert [item.text for item in stored(SLUG).items] == ["Order disks", "Buy two"]
    assert b"The disk filled." in content(place, "incidents/2020/disk.md")
    with db.reading():
        assert len(all_slugs()) == 2
    assert sync(place).in_words() == "0 in, 0 out"


def test_a_file_taken_out_is_told_and_its_incident_stays(any_database: str, place: Path) -> None:
    sync(place)
    push(place, place.parent / "clone", {f"incidents/{NAME}": None}, "Take it out")
    edit_here(with_entry(stored(SLUG), 0, text="The disk filled."))

    outcome = sync(place)

    assert outcome.lines[0].startswith(f"gone     {NAME}: taken out of the repository; {SLUG} stays")
    assert outcome.written == 0
    assert sync(place).lines == []
    push(place, place.parent / "clone", {f"incidents/{NAME}": TEXT}, "Put it back")
    assert sync(place).written == 1
    assert b"The disk filled." in content(place, f"incidents/{NAME}")


def test_what_was_deleted_here_does_not_come_back_by_itself(any_database: str, place: Path) -> None:
    from postmortems.incidents import operations

    sync(place)
    with db.transaction():
        operations.delete(SLUG, actor=SYSTEM)

    assert sync(place).in_words() == "0 in, 0 out"
    assert content(place, f"incidents/{NAME}") == TEXT


def test_a_new_file_takes_no_place_of_another(database: str, place: Path) -> None:
    push(place, place.parent / "clone", {"incidents/Index.md": b"No report"}, "Index")
    save(Document(title="Index", status="published"))

    assert sync(place).written == 1
    assert content(place, "incidents/Index.md") == b"No report"
    assert content(place, "incidents/index-2.md").startswith(b"---\ntitle: Index")


# Others who push, and steps at which it dies.


def racing(place: Path, times: int) -> Callable[..., bool]:
    """A push before which somebody else pushes, so many times."""
    real, left = git_commit.push, [times]

    def push_late(*given: Any, **more: Any) -> bool:
        if left[0]:
            left[0] -= 1
            name = f"incidents/quick-{left[0]}.md"
            push(place, place.parent / "clone", {name: OTHER.replace(b"Hub", name.encode())}, "Quicker")
        return real(*given, **more)

    return push_late


@pytest.mark.parametrize("over_http", [False, True])
def test_somebody_who_is_quicker_is_taken_in_first(
    database: str, place: Path, monkeypatch: pytest.MonkeyPatch, over_http: bool
) -> None:
    with served(place.parent) as server:
        url = f"{server.url}/{place.name}" if over_http else str(place)
        sync(url)
        edit_here(with_entry(stored(SLUG), 1, text="It was full."))
        monkeypatch.setattr(git_commit, "push", racing(place, 2))

        outcome = sync(url)

    assert (outcome.brought, outcome.written) == (2, 1)
    assert log(place, "%s")[0].startswith("Edit Disk full")
    assert log(place, "%s")[1:3] == ["Quicker", "Quicker"]
    assert git(place, "fsck", "--strict", "--no-dangling") == ""


def test_it_does_not_try_for_ever(database: str, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sync(place)
    edit_here(with_entry(stored(SLUG), 1, text="It was full."))
    monkeypatch.setattr(git_commit, "push", lambda *_, **__: False)

    with pytest.raises(Conflict, match="others pushed each time before us"):
        sync(place)


class Killed(BaseException):
    """As if the process ended here: nothing of ours runs any more."""


STEPS = [
    (pull, "_import", "before"),
    (pull, "_import", "after"),
    (git_sync_push, "ready", "after"),
    (git_sync_push, "announce", "before"),
    (git_sync_push, "announce", "after"),
    (git_commit, "push", "after"),
    (git_sync_push, "note", "before"),
    (git_sync_push, "note", "after"),
]


@pytest.mark.parametrize("module, name, when", STEPS, ids=[f"{when} {name}" for _, name, when in STEPS])
def test_killed_at_any_step_the_next_sync_goes_on(
    any_database: str, place: Path, monkeypatch: pytest.MonkeyPatch, module: Any, name: str, when: str
) -> None:
    sync(place)
    edit_here(with_entry(stored(SLUG), 1, text="It was full."), message="Say it in the past")
    here = save(Document(title="Written here", status="published"), actor=ADA).slug
    edit(place, "hub.md", b"It is down.", b"It was down.")
    real = getattr(module, name)

    def dying(*given: Any, **more: Any) -> Any:
        if when == "after":
            real(*given, **more)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(module, name, dying)
        # What a killed process leaves is its hold, which ends in time.
        patch.setattr(git_sync_sync, "_let_go", lambda *_: None)
        with suppress(Killed):
            sync(place)
    with db.transaction() as session:
        session.query(Remote).one().leased_until = None

    sync(place)

    assert sync(place).in_words() == "0 in, 0 out"
    assert sorted(log(place, "%s")) == [
        "Add Written here",
        "Add the reports",
        "Edit hub.md",
        "Say it in the past",
    ]
    assert content(place, f"incidents/{NAME}") == TEXT.replace(b"It is full.", b"It was full.")
    assert b"title: Written here" in content(place, f"incidents/{here}.md")
    with db.reading():
        assert len(all_slugs()) == 3
    assert git(place, "fsck", "--strict", "--no-dangling") == ""


def test_two_syncs_at_once_are_one(any_database: str, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = pull.bring

    def meanwhile(*given: Any) -> None:
        with pytest.raises(Conflict, match="another sync of this repository is under way"):
            sync(place)
        real(*given)

    monkeypatch.setattr(pull, "bring", meanwhile)

    assert sync(place).brought == 2


def test_a_sync_that_lost_its_hold_writes_nothing_more(
    any_database: str, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = pull.bring

    def taken_over(*given: Any) -> None:
        with db.transaction() as session:
            session.query(Remote).one().holder = "another"
        real(*given)

    monkeypatch.setattr(pull, "bring", taken_over)

    outcome = sync(place)

    assert (outcome.brought, outcome.failed) == (0, 2)
    with db.reading():
        assert all_slugs() == []


# How it went.


def test_how_it_went_is_noted(any_database: str, place: Path, tmp_path: Path) -> None:
    outcome = sync(place)
    with db.reading() as session:
        remote = session.query(Remote).one()
        assert (remote.result, remote.is_failed, remote.commit) == ("2 in, 0 out", False, outcome.commit)
        assert (remote.holder, remote.leased_until) == ("", None)
    place.rename(tmp_path / "elsewhere")

    with pytest.raises(Refusal, match="there is no git repository"):
        sync(place)
    with db.reading() as session:
        remote = session.query(Remote).one()
        assert remote.is_failed
        assert "there is no git repository" in remote.result
        assert remote.commit == outcome.commit


def test_a_dry_run_says_it_all_and_changes_nothing(any_database: str, place: Path) -> None:
    slug = save(Document(title="Written here", status="published")).slug
    lines: list[str] = []
    remote = Remote(url=str(place), branch="", folder="incidents", service="", timezone="", secret="")

    outcome = git_sync_sync.try_out(remote, way_out=OUT, mail=MAIL, tell=lines.append)

    assert (outcome.brought, outcome.written) == (2, 1)
    assert f"to write {slug} → incidents/{slug}.md" in lines
    assert len(log(place)) == 1
    with db.reading() as session:
        assert all_slugs() == [slug]
        assert session.query(Remote).count() == 0


def test_a_working_copy_follows_what_is_committed_in_it(database: str, tmp_path: Path) -> None:
    bare(tmp_path, {NAME: TEXT})
    copy = tmp_path / "clone"
    sync(copy, folder="")
    edit_here(with_entry(stored(SLUG), 1, text="It was full."))

    assert sync(copy, folder="").written == 1
    assert b"It was full." in (copy / NAME).read_bytes()
    assert git(copy, "status", "--porcelain") == ""

    (copy / NAME).write_bytes(TEXT)
    edit_here(with_entry(stored(SLUG), 1, text="It was quite full."))
    with pytest.raises(Refusal, match="not committed"):
        sync(copy, folder="")
    assert (copy / NAME).read_bytes() == TEXT


def test_a_hook_that_refuses_is_told_and_nothing_is_lost(database: str, place: Path) -> None:
    hook = place / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho not on a Friday >&2\nexit 1\n")
    hook.chmod(0o755)
    with served(place.parent) as server:
        sync(f"{server.url}/{place.name}")
        edit_here(with_entry(stored(SLUG), 1, text="It was full."))
        with pytest.raises(Refusal, match="the push was refused: pre-receive hook declined"):
            sync(f"{server.url}/{place.name}")
        os.unlink(hook)

        assert sync(f"{server.url}/{place.name}").written == 1
