"""`import` and `export` from a terminal: a folder in and out, again and again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from postmortems.cli.export import export
from postmortems.cli.import_files import import_
from postmortems.db import session as db
from postmortems.document.markdown import parser
from postmortems.document.model import Document, Item, Section
from postmortems.exchange.imports import files
from postmortems.reviews.models import Conflict, Review
from tests.cli.import_folder import PLAIN, SLUG, in_database, run
from tests.exchange import repositories
from tests.incidents.documents import FOUNDING, save, stored, with_item
from tests.slugs import all_slugs
from tests.tables import put_migrated


def slugs(url: str) -> list[str]:
    def read() -> list[str]:
        with db.reading():
            return all_slugs()

    found: list[str] = in_database(url, read)
    return found


def test_one_entry_and_one_item_are_counted_in_the_singular(url: str, tmp_path: Path) -> None:
    report = tmp_path / "2020-01-02-one.md"
    report.write_text("# One\n\n## Timeline\n\n- 09:00 Down\n\n## Action items\n\n- Order disks\n")

    assert ": 1 entry, 1 action item\n" in run(import_, report).output


def test_a_folder_comes_in_and_again_changes_nothing(url: str, folder: Path) -> None:
    first = run(import_, folder)
    again = run(import_, folder)

    assert (first.exit_code, again.exit_code) == (0, 0)
    assert f"→ {SLUG}: 2 entries, 2 action items\n" in first.output
    assert f"{SLUG}.md:12: 09:00: earlier than the entry above it\n" in first.output
    assert first.output.endswith("1 new, 0 changed, 0 same, 0 failed\n")
    assert again.output.endswith("0 new, 0 changed, 1 same, 0 failed\n")
    assert in_database(url, lambda: stored(SLUG)).items == (
        Item("Order disks in time", id="AI-1"),
        Item("Buy a bigger one", id="AI-2", status="done"),
    )


def test_only_reports_of_a_folder_are_taken(url: str, folder: Path) -> None:
    for name in ("README.md", "index.qmd", "_draft.md", ".hidden.md", "notes.txt", ".git/x.md", "_site/y.md"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("# Not a report\n")
    (folder / "2021").mkdir()
    (folder / "2021" / "2021-03-04-outage.qmd").write_text("# Outage\n\nIt was out.\n")

    (folder / "a.css").write_text("x")
    told = run(import_, folder).output

    assert slugs(url) == [SLUG, "2021-03-04-outage"]
    assert (
        "4 files left out: 1 .css, 1 .txt, 1 README.md, 1 index.qmd\n"
        in "\n".join(
            [", ".join(_sorted(line)) if " left out: " in line else line for line in told.split("\n")]
        )
        + "\n"
    )


def test_files_that_are_left_are_told_with_the_reason(url: str, folder: Path) -> None:
    (folder / "a.wiki").write_text("* Disk full\n")
    for number in range(10, 22):
        (folder / f"{number}.css").write_text("x")

    told = run(import_, folder).output

    assert "         10.css: of a kind that has no reader\n" in told
    assert "         … and 3 more; --json names each\n" in told


def test_what_is_left_beyond_those_that_are_named_is_counted(
    url: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MOST_NAMED", 11)
    for number in range(10, 25):
        (folder / f"{number}.css").write_text("x")

    told = run(import_, folder).output

    left = int(told.partition(" files left out")[0].rpartition("\n")[2])
    assert f"         … and {left - 10} more; --json names the first 11 of them\n" in told


def test_the_command_that_converts_is_told(url: str, folder: Path) -> None:
    (folder / "a.wiki").write_text("* Disk full\n")

    told = run(import_, folder).output

    assert "a.wiki: MediaWiki, which is not read; convert it: pandoc -f mediawiki -t gfm a.wiki" in told


def _sorted(line: str) -> list[str]:
    """What a line counts, in one order whatever the order of the folder."""
    head, _, tail = line.partition(": ")
    first, *others = sorted(tail.split(", "))
    return [f"{head}: {first}", *others]


def test_a_template_comes_in_only_where_asked(url: str, folder: Path) -> None:
    (folder / "form.md").write_text("# <title>\n\n## Timeline\n\n- HH:MM something\n")

    left = run(import_, folder)
    asked = run(import_, folder, "--templates")

    assert left.output.endswith("1 new, 0 changed, 0 same, 0 failed, 1 template left out\n")
    assert "template " in left.output
    assert left.exit_code == 0
    assert asked.output.endswith("1 new, 0 changed, 1 same, 0 failed\n")


def test_a_file_without_an_ending_is_taken_for_markdown(url: str, tmp_path: Path) -> None:
    (tmp_path / "2019-01-01-outage").write_text("# Outage\n")

    assert "1 new" in run(import_, tmp_path / "2019-01-01-outage").output


def test_a_dry_run_tells_and_changes_nothing(url: str, folder: Path) -> None:
    told = run(import_, folder, "--dry-run")

    assert told.output.endswith("1 new, 0 changed, 0 same, 0 failed (dry run: nothing was changed)\n")
    assert slugs(url) == []


def test_service_and_zone_fill_in_where_a_file_states_none(url: str, folder: Path) -> None:
    (folder / "2020-05-05-own.md").write_text("---\nservices: [hub]\ntimezone: Europe/Berlin\n---\n\nText.\n")

    run(import_, folder, "--service", "data8", "--timezone", "America/Los_Angeles")

    filled, own = in_database(url, lambda: (stored(SLUG), stored("2020-05-05-own")))
    assert (filled.services, filled.timezone) == (("data8",), "America/Los_Angeles")
    assert (own.services, own.timezone) == (("hub",), "Europe/Berlin")


def test_one_bad_file_does_not_stop_the_others(url: str, folder: Path) -> None:
    (folder / "bad-bytes.md").write_bytes(b"caf\xe9\n")
    (folder / "nul.md").write_bytes(b"a\0b\n")
    (folder / "strange-id.md").write_text("## To do\n\n- x\n  - Id: AI-77\n- y\n  - Id: AI-77\n")

    told = run(import_, folder, folder / "missing.md", folder / "picture.png")

    assert told.exit_code == 2
    assert told.output.endswith("1 new, 0 changed, 0 same, 5 failed\n")
    for name in ("bad-bytes.md", "nul.md", "strange-id.md", "missing.md", "picture.png"):
        [line] = [line for line in told.output.splitlines() if name in line]
        assert line.startswith("failed ")
    assert slugs(url) == [SLUG]


def test_an_edited_file_and_an_edit_here_come_together(url: str, folder: Path) -> None:
    run(import_, folder)
    in_database(url, lambda: save(with_item(stored(SLUG), "AI-1", owner="sam"), SLUG))
    (folder / f"{SLUG}.md").write_text(PLAIN.replace("The disk is full.", "The disk was full."))

    told = run(import_, folder)

    assert "0 new, 1 changed" in told.output
    document = in_database(url, lambda: stored(SLUG))
    assert document.entries[0].text == "The disk was full."
    assert document.items[0].owner == "sam"


def conflicts(url: str) -> list[tuple[str, str, str]]:
    """The outcome of each review, what its file says, and what was stored."""

    def look() -> list[tuple[str, str, str]]:
        with db.reading() as session:
            found = session.execute(select(Review.outcome, Conflict.in_file, Conflict.stored).join(Conflict))
            return [tuple(row) for row in found]

    return list(in_database(url, look))


def test_edits_of_the_same_lines_become_a_review_and_nothing_is_overwritten(url: str, folder: Path) -> None:
    run(import_, folder)
    edited = in_database(url, lambda: stored(SLUG))
    in_database(url, lambda: save(replace(edited, title="Ours"), SLUG))
    (folder / f"{SLUG}.md").write_text(PLAIN.replace("Disk full", "Theirs"))

    seen, first, again = run(import_, folder, "--dry-run"), run(import_, folder), run(import_, folder)

    assert (seen.exit_code, first.exit_code, again.exit_code) == (2, 2, 2)
    assert "edited here too, in the same lines" in seen.output
    assert f"conflict {folder}/{SLUG}.md: edited here too, in the same lines; " in first.output
    assert f"merge both at /incidents/{SLUG}/reviews/1\n" in first.output
    assert first.output.endswith("0 new, 0 changed, 0 same, 0 failed, 1 in conflict\n")
    assert again.output == first.output
    assert in_database(url, lambda: stored(SLUG)).title == "Ours"
    [(outcome, in_file, here)] = conflicts(url)
    assert outcome == ""
    assert "title: Theirs" in in_file
    assert "title: Ours" in here


def test_a_conflict_that_both_sides_end_by_themselves_is_settled(url: str, folder: Path) -> None:
    run(import_, folder)
    edited = in_database(url, lambda: stored(SLUG))
    in_database(url, lambda: save(replace(edited, title="Ours"), SLUG))
    (folder / f"{SLUG}.md").write_text(PLAIN.replace("Disk full", "Theirs"))
    run(import_, folder)

    (folder / f"{SLUG}.md").write_text(PLAIN.replace("Disk full", "Ours"))

    assert run(import_, folder).exit_code == 0
    assert [outcome for outcome, _, _ in conflicts(url)] == ["settled"]


REPORT = b"# Certificate expired on 2021-03-04\n\nNobody renewed it.\n"


def test_a_bare_repository_comes_in_and_again_changes_nothing(url: str, tmp_path: Path) -> None:
    place = repositories.bare(
        tmp_path, {"incidents/one.md": REPORT, "incidents/README.md": b"# Ours\n", "other/two.md": REPORT}
    )

    first, again = (run(import_, place, "--folder", "incidents") for _ in range(2))

    assert (first.exit_code, again.exit_code) == (0, 0), first.output
    assert f"new      {place}: one.md → 2021-03-04-certificate-expired" in first.output
    assert first.output.endswith("1 new, 0 changed, 0 same, 0 failed\n")
    assert again.output.endswith("0 new, 0 changed, 1 same, 0 failed\n")


def test_a_repository_comes_in_from_its_address_and_one_bad_file_stops_no_other(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSTMORTEMS_EGRESS_ALLOW", "127.0.0.0/8")
    repositories.bare(tmp_path, {"bad.md": b"\0", "one.md": REPORT})
    with repositories.served(tmp_path) as served:
        place = f"{served.url}/incidents.git"

        told = run(import_, place, "--branch", "main")

    assert told.exit_code == 2
    assert f"failed   {place}: bad.md:1: a NUL byte" in told.output
    assert told.output.endswith("1 new, 0 changed, 0 same, 1 failed\n")


def test_an_export_is_written_once_and_comes_back_unchanged(url: str, folder: Path, tmp_path: Path) -> None:
    run(import_, folder)
    out = tmp_path / "out" / "deep"

    first, again = run(export, out), run(export, out)

    assert (first.exit_code, again.exit_code) == (0, 0)
    assert first.output.endswith("1 written\n")
    assert again.output == "0 written\n"
    assert [path.name for path in out.iterdir()] == [f"{SLUG}.md"]
    assert run(export, out, "--check").exit_code == 0
    assert "1 same" in run(import_, out).output


def test_an_export_writes_only_what_differs_and_leaves_other_files_alone(
    url: str, folder: Path, tmp_path: Path
) -> None:
    run(import_, folder)
    in_database(url, lambda: save(FOUNDING, name="2018-01-25-merge.md"))
    out = tmp_path / "out"
    run(export, out)
    (out / "index.md").write_text("ours")
    (out / f"{SLUG}.md").write_text("old")

    checked = run(export, out, "--check")
    assert (checked.exit_code, (out / f"{SLUG}.md").read_text()) == (1, "old")
    assert checked.output == f"differs  {out / f'{SLUG}.md'}\n1 to write\n"

    assert run(export, out).output.endswith("1 written\n")
    assert (out / "index.md").read_text() == "ours"
    assert run(export, out, "--check").exit_code == 0


def test_an_export_to_a_new_installation_keeps_ids_and_bytes(
    url: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(import_, folder)
    in_database(url, lambda: save(FOUNDING, name="2018-01-25-merge.md"))
    out = tmp_path / "out"
    run(export, out)
    monkeypatch.setenv("POSTMORTEMS_DATABASE_URL", put_migrated(tmp_path / "fresh.db"))

    assert "2 new" in run(import_, out).output

    assert run(export, out, "--check").exit_code == 0


def test_a_real_report_does_not_become_a_demo_of_the_same_name(
    url: str, folder: Path, tmp_path: Path
) -> None:
    to_do = Section("To do", (Item("told"),))
    demo = Document(title="Disk full", date=date(2020, 2, 1), status="published", sections=(to_do,))
    in_database(url, lambda: save(demo, name=f"{SLUG}.md", is_demo=True))

    assert "1 new" in run(import_, folder).output
    assert slugs(url) == [SLUG, f"{SLUG}-2"]
    assert "2 same" in run_after_export(tmp_path)


def run_after_export(tmp_path: Path) -> str:
    run(export, tmp_path / "out")
    return run(import_, tmp_path / "out").output


def test_what_cannot_be_used_is_said_in_one_line(url: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")

    assert run(import_, "--timezone", "PST", tmp_path).exit_code == 2
    assert run(import_).exit_code == 2
    assert run(export, tmp_path / "file").exit_code == 2
    assert run(export, tmp_path, "--style", "odd").exit_code == 2


def test_canonical_text_says_how_each_guard_stands(url: str, folder: Path, tmp_path: Path) -> None:
    run(import_, folder)
    in_database(url, lambda: save(with_item(stored(SLUG), "AI-1", guards=("staging-online",)), SLUG))

    run(export, tmp_path / "out", "--style", "canonical")

    text = (tmp_path / "out" / f"{SLUG}.md").read_text()
    assert "- Guards: staging-online (no such guard)" in text
    assert parser.parse(text).items[0].guards == ("staging-online (no such guard)",)
