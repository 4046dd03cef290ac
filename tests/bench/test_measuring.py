"""The bench's arithmetic; what it measures is not tested, as a machine is fast or slow as it likes."""

from __future__ import annotations

from tests.bench.measuring import ROUNDS, WARM_UP, Row, side_by_side, spread, table


def test_both_sides_are_called_in_turns_after_a_warm_up() -> None:
    calls: list[str] = []

    times = side_by_side(lambda: calls.append("ours"), lambda: calls.append("reference"), seconds=0.0001)

    assert calls[: 2 * WARM_UP] == ["ours"] * WARM_UP + ["reference"] * WARM_UP
    turns = [name for name, before in zip(calls, ["", *calls], strict=False) if name != before]
    assert turns == ["ours", "reference"] * (1 + ROUNDS)
    assert [len(side) for side in times] == [ROUNDS, ROUNDS]


def test_the_speed_is_what_we_reach_of_the_references() -> None:
    row = Row("P1", "work", "SQLite", "200", ours=(4.0, 8.0, 2.0), reference=(2.0, 2.0, 2.0), goal="≥ 0.5")

    assert row.speed == (0.5, 0.25, 1.0)


def test_a_figure_is_the_median_with_least_and_greatest() -> None:
    assert spread((3.0, 1.0, 2.0), ".1f") == "2.0 (1.0–3.0)"


def test_the_table_is_markdown_with_a_line_a_row() -> None:
    row = Row("P1", "work", "SQLite", "200", ours=(2.0,) * 3, reference=(1.0,) * 3, goal="≥ 0.5")

    head, line, first = table([row]).splitlines()

    assert [cell.strip() for cell in head.strip("|").split("|")][:4] == ["#", "work", "database", "size"]
    assert set(line) == {"|", "-"}
    assert "0.50 (0.50–0.50)" in first
