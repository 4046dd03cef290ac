"""`export` in all its forms, and the collection of real reports in and out again to the byte."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from zipfile import ZipFile

import pytest

from postmortems.cli.export import export
from postmortems.cli.import_files import import_
from postmortems.document.model import Document
from postmortems.exchange.exports.layouts import LAYOUTS
from tests.cli.import_folder import PLAIN, SLUG, in_database, run
from tests.incidents.documents import save, stored, with_item

ROOT = Path(__file__).parents[2]
CORPUS = Path(os.environ.get("POSTMORTEMS_CORPUS", ROOT / "../shared/corpus"))


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_folder_goes_in_and_comes_out_the_same(url: str, folder: Path, tmp_path: Path) -> None:
    (folder / "deep" / "2020").mkdir(parents=True)
    (folder / "deep" / "2020" / "2020-05-05-dos.md").write_bytes(
        b"\xef\xbb\xbf# DOS\r\n\r\n## Impact  \r\n\r\nbig"
    )
    (folder / "empty-ish.qmd").write_bytes(b"---\ntitle: x\n---\n\n\n\n")

    assert run(import_, folder, "--service", "data8").exit_code == 0
    assert run(export, tmp_path / "out").exit_code == 0

    assert contents(tmp_path / "out") == contents(folder)
    assert run(export, folder, "--check").exit_code == 0
    assert "3 same" in run(import_, tmp_path / "out").output


def test_only_the_edited_line_differs_and_check_says_so(url: str, folder: Path) -> None:
    run(import_, folder)
    in_database(url, lambda: save(with_item(stored(SLUG), "AI-2", text="Buy two"), SLUG))

    assert run(export, folder, "--check").exit_code == 1
    assert (folder / f"{SLUG}.md").read_text() == PLAIN
    assert run(export, folder).exit_code == 0
    assert (folder / f"{SLUG}.md").read_text() == PLAIN.replace("Buy a bigger one", "Buy two")
    assert run(export, folder, "--check").exit_code == 0


def test_a_zip_holds_what_the_folder_would(url: str, folder: Path, tmp_path: Path) -> None:
    run(import_, folder)

    assert run(export, "--zip", tmp_path / "all.zip").output == "1 written\n"

    with ZipFile(tmp_path / "all.zip") as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == contents(folder)


def test_filters_choose_what_goes_out(url: str, folder: Path, tmp_path: Path) -> None:
    (folder / "2021-01-01-hub.md").write_text("---\nservices: [hub]\nstatus: published\n---\n\n# Hub\n")
    (folder / "2022-01-01-draft.md").write_text("---\nstatus: draft\n---\n\n# Draft\n")
    run(import_, folder)

    def out(*options: object) -> list[str]:
        name = "-".join(map(str, options)) or "all"
        assert run(export, tmp_path / name, *options).exit_code == 0
        return sorted(path.name for path in (tmp_path / name).iterdir())

    assert out() == [f"{SLUG}.md", "2021-01-01-hub.md"]
    assert out("--drafts") == [f"{SLUG}.md", "2021-01-01-hub.md", "2022-01-01-draft.md"]
    assert out("--status", "draft") == ["2022-01-01-draft.md"]
    assert out("--service", "hub") == ["2021-01-01-hub.md"]
    assert out("--year", 2020) == [f"{SLUG}.md"]
    assert out("--layout", "quarto", "--year", 2021) == ["2021-01-01-hub.qmd"]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_check_sees_what_changed_and_what_is_missing(
    layout: str,
    url: str,
    folder: Path,
    tmp_path: Path,
) -> None:
    (folder / "2021-01-01-hub.md").write_text("---\nservices: [hub]\nstatus: draft\n---\n\n# Hub\n")
    run(import_, folder)
    out = tmp_path / layout
    words = (export, out, "--layout", layout, "--drafts")
    assert run(*words).exit_code == 0
    assert run(*words, "--check").exit_code == 0
    one, other = sorted(path for path in out.rglob("*") if path.is_file())

    one.write_bytes(one.read_bytes() + b"\nMore.\n")
    assert run(*words, "--check").exit_code == 1
    assert run(*words).exit_code == 0
    assert run(*words, "--check").exit_code == 0

    other.unlink()
    assert run(*words, "--check").exit_code == 1
    assert not other.exists()


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("out", "--zip", "x.zip"),
        ("--zip", "x.zip", "--check"),
        ("out", "--layout", "hugo", "--style", "source"),
        ("out", "--layout", "gatsby"),
        ("out", "--status", "open"),
        ("out", "--year", "0"),
    ],
)
def test_what_makes_no_sense_is_refused(url: str, words: tuple[str, ...]) -> None:
    assert run(export, *words).exit_code == 2


def test_a_link_in_the_folder_does_not_lead_out_of_it(url: str, folder: Path, tmp_path: Path) -> None:
    (folder / "sub").mkdir()
    (folder / f"{SLUG}.md").rename(folder / "sub" / f"{SLUG}.md")
    run(import_, folder)
    out, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    out.mkdir()
    elsewhere.mkdir()
    (out / "sub").symlink_to(elsewhere)

    assert run(export, out).exit_code != 0
    assert list(elsewhere.iterdir()) == []


@pytest.mark.corpus
@pytest.mark.skipif(not CORPUS.exists(), reason=f"no collection of real reports at {CORPUS}")
def test_real_reports_come_back_to_the_byte(url: str, tmp_path: Path) -> None:
    inside, out = tmp_path / "in", tmp_path / "out"
    for source in CORPUS.iterdir():
        if source.is_dir() and source.name not in {"truth", "LICENSES"}:
            shutil.copytree(source, inside / source.name)
    assert " 0 failed" in run(import_, inside).output

    assert run(export, out, "--drafts").exit_code == 0

    there, back = contents(inside), contents(out)
    assert len(back) > 60
    assert {path: there[path] for path in back} == back
    assert "0 new, 0 changed" in run(import_, inside).output
    assert "0 new, 0 changed" in run(import_, out).output


def test_what_is_restricted_leaves_only_when_it_is_asked_for(url: str, folder: Path, tmp_path: Path) -> None:
    run(import_, folder)
    restricted = Document("Known to few", status="published", restricted=("ada",))
    in_database(url, lambda: save(restricted))

    run(export, tmp_path / "open")
    run(export, tmp_path / "all", "--restricted")

    assert "Known to few" not in str(contents(tmp_path / "open"))
    assert "Known to few" in str(contents(tmp_path / "all"))
    assert "known-to-few" not in " ".join(contents(tmp_path / "open"))
