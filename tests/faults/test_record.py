"""The record in docs/faults.md: a run puts its lines in, and leaves those of others with their day."""

from __future__ import annotations

import re

import pytest

from tests.faults import record

OTHERS = "a server killed | ≤ 5 s | 2.0 s | 2026-11-01, aaaaaaaa, load 0.1"
PAGE = f"""# Faults

<!-- figures -->
| Measured | aim | here | run |
| --- | --- | --- | --- |
| {OTHERS} |
| decisions lost | 0 | 0 of 1 | 2026-11-02, bbbbbbbb, load 0.2 |

Words between.

<!-- parts -->
| Part | ended | took | run |
| --- | --- | --- | --- |

The end.
"""
RUN = "2026-12-01, cccccccc, load 3.0"


def test_a_line_takes_the_place_of_the_one_before_and_others_keep_their_day() -> None:
    page = record.with_lines(PAGE, record.FIGURES, [("decisions lost", "0", "0 of 9", RUN)])

    assert page == PAGE.replace("0 of 1 | 2026-11-02, bbbbbbbb, load 0.2", f"0 of 9 | {RUN}")


def test_what_was_not_measured_before_is_added_in_its_order() -> None:
    page = record.with_lines(PAGE, record.FIGURES, [("backup", "", "3 s", RUN)])

    assert page == PAGE.replace(f"| {OTHERS} |", f"| {OTHERS} |\n| backup |  | 3 s | {RUN} |")


def test_an_empty_table_takes_its_first_line() -> None:
    page = record.with_lines(PAGE, record.PARTS, [("`test_a.py`", "1 passed", "2 s", RUN)])

    rule = "| Part | ended | took | run |\n| --- | --- | --- | --- |\n"
    assert page == PAGE.replace(rule, f"{rule}| `test_a.py` | 1 passed | 2 s | {RUN} |\n")


def test_a_page_without_the_table_is_refused() -> None:
    with pytest.raises(ValueError, match="no <!-- parts -->"):
        record.with_lines("# Faults\n", record.PARTS, [])


@pytest.mark.parametrize("table", [record.FIGURES, record.PARTS])
def test_each_line_of_the_page_says_when_and_on_which_version_it_was_run(table: str) -> None:
    page = record.PAGE.read_text()
    _, _, rest = page.partition(f"{table}\n")
    rows = rest.partition("\n\n")[0].splitlines()[2:]

    assert rows
    dated = re.compile(r"\| 20\d\d-\d\d-\d\d, [0-9a-f]{8}\+?(?:, load \d+\.\d)? \|$")
    assert [row for row in rows if not dated.search(row)] == []


def test_each_part_has_its_line() -> None:
    page = record.PAGE.read_text().partition(f"{record.PARTS}\n")[2].partition("\n\n")[0]
    parts = {path.name for path in record.PAGE.parents[1].glob("tests/faults/test_*.py")}

    assert set(re.findall(r"tests/faults/(test_\w+\.py)", page)) == parts - {"test_record.py"}
