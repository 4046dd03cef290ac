"""`parse` and `fmt` as a shell meets them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from postmortems import limits
from postmortems.cli import parse as commands
from postmortems.exchange.imports import files

REPORT = """# 2021-03-04, Queue stood still

## Timeline

All times in CET

### 14:30

Rolled out, see [#1][one].

### ~15:05 - 15:10

Noticed.

### 2021-03-05

Quiet.

## Action items

- [x] Watch one job ([issue](https://example.org/2))

### Process

1. Ask first
   - Tickets: https://example.org/3

[one]: https://example.org/1
"""


def test_what_is_left_beyond_those_that_are_named_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MOST_NAMED", 2)
    (tmp_path / "a.md").write_text(REPORT)
    for number in range(5):
        (tmp_path / f"{number}.css").write_text("x")

    told = run("parse", tmp_path).stderr

    assert told.count("of a kind that has no reader") == 2
    assert "left     3 more, which are counted and not named; 5 files left out: 5 .css" in told


def run(command: str, *arguments: str | Path) -> Result:
    return CliRunner().invoke(getattr(commands, command), [str(argument) for argument in arguments])


def test_parse_tells_what_is_in_a_file(tmp_path: Path) -> None:
    report = tmp_path / "queue.md"
    report.write_text(REPORT, encoding="utf-8")

    told = json.loads(run("parse", report).stdout)

    assert told["title"] == "2021-03-04, Queue stood still"
    assert (told["incident_date"], told["timezone"]) == ("2021-03-04", "CET")
    assert told["sections"] == ["Timeline", "Action items"]
    assert told["timeline"] == [
        {"at": "2021-03-04T14:30", "end": None, "approx": False, "text": "Rolled out, see [#1][one]."},
        {"at": "2021-03-04T15:05", "end": "2021-03-04T15:10", "approx": True, "text": "Noticed."},
        {"at": "2021-03-05", "end": None, "approx": False, "text": "Quiet."},
    ]
    assert told["action_items"] == [
        {
            "category": None,
            "text": "Watch one job ([issue](https://example.org/2))",
            "done": True,
            "owner": None,
            "due": None,
            "links": ["https://example.org/2"],
        },
        {
            "category": "Process",
            "text": "Ask first",
            "done": None,
            "owner": None,
            "due": None,
            "links": ["https://example.org/3"],
        },
    ]


def test_fmt_writes_the_canonical_form(tmp_path: Path) -> None:
    report = tmp_path / "queue.md"
    report.write_bytes(b"\xef\xbb\xbf# Queue ##\r\n\r\n## Summary ##\r\nShort.\r\n")

    assert run("fmt", report).stdout == "---\ntitle: Queue\n---\n\n## Summary\n\nShort.\n"


def test_fmt_of_a_zip_says_what_reads_it(tmp_path: Path) -> None:
    (tmp_path / "all.zip").write_bytes(b"PK\x03\x04")

    result = run("fmt", tmp_path / "all.zip")

    assert result.exit_code == 2
    assert "fmt takes one report; parse tells what is in a zip" in result.stderr


def test_a_file_without_an_ending_is_left_in_a_folder_and_read_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "postmortem").write_text(REPORT, encoding="utf-8")

    in_folder = run("parse", tmp_path)
    alone = run("parse", tmp_path / "postmortem")

    assert (
        "postmortem: its name has no ending; in a folder such are anything: name it to import it"
        in in_folder.stderr
    )
    assert json.loads(alone.stdout)["title"] == "2021-03-04, Queue stood still"


BAD_FILES = {
    "nul.md": (b"# a\n\nb\0c\n", "nul.md:3: a NUL byte"),
    "utf16.md": ("# a\n".encode("utf-16-le"), "utf16.md:1: a NUL byte"),
    "cut.md": ("# a\nb".encode("utf-16")[:-1], "cut.md:2: half a character"),
    "latin1.md": (b"# a\n\ncaf\xe9\n", "latin1.md:3: byte 0xe9 is not valid UTF-8"),
    "large.md": (b"x" * (limits.REPORT + 1), "large.md: larger than 10 MB"),
}


@pytest.mark.parametrize("name", BAD_FILES)
@pytest.mark.parametrize("command", ["parse", "fmt"])
def test_a_file_that_is_no_text_is_named_in_one_line(command: str, name: str, tmp_path: Path) -> None:
    content, said = BAD_FILES[name]
    (tmp_path / name).write_bytes(content)

    result = run(command, tmp_path / name)

    assert result.exit_code == 2
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1
    assert said in result.stderr


@pytest.mark.parametrize("command", ["parse", "fmt"])
def test_a_file_that_is_not_there_or_a_folder_is_named(command: str, tmp_path: Path) -> None:
    assert run(command, tmp_path / "none.md").exit_code == 2
    assert "No such file" in run(command, tmp_path / "none.md").stderr
    assert {"parse": "no report in this", "fmt": "directory"}[command] in run(command, tmp_path).stderr


def test_one_bad_file_does_not_stop_the_others(tmp_path: Path) -> None:
    good, bad, empty = tmp_path / "good.md", tmp_path / "bad.md", tmp_path / "empty.md"
    good.write_text(REPORT, encoding="utf-8")
    bad.write_bytes(b"\xff")
    empty.write_text("", encoding="utf-8")

    result = run("parse", good, bad, empty)

    assert result.exit_code == 2
    assert [json.loads(line)["title"] for line in result.stdout.splitlines()] == [
        "2021-03-04, Queue stood still",
        "",
    ]


def test_each_command_explains_itself_with_an_example() -> None:
    for command in ("parse", "fmt"):
        told = run(command, "--help").stdout
        assert "Example:" in told
        assert f"python -m postmortems {command}" in told


def test_nothing_heavy_is_imported_to_read_a_file() -> None:
    script = (
        "import sys, postmortems.cli.parse;"
        "print(sorted({'flask', 'sqlalchemy', 'marshmallow'} & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
