"""The bench's arithmetic, and that every row can be made; no figure is tested: machines are fast or slow."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from tests.bench import __main__ as bench
from tests.bench import measuring, server, worlds
from tests.bench.measuring import ROUNDS, WARM_UP, Row, growth, side_by_side, spread, table


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

    assert [cell.strip() for cell in head.strip("|").split("|")][:4] == ["#", "work", "database", "items"]
    assert set(line) == {"|", "-"}
    assert "| 0.50  |" in first


def test_how_a_row_grows_is_told_where_it_was_measured_at_two_sizes() -> None:
    few = Row("P4", "list", "SQLite", "60,000", ours=(2.0,) * 3, reference=(), goal="")
    many = Row("P4", "list", "SQLite", "1,000,000", ours=(3.0,) * 3, reference=(), goal="")
    once = Row("P8", "import", "SQLite", "60,000", ours=(3.0,) * 3, reference=(), goal="")

    lines = growth([few, once, many]).splitlines()

    assert len(lines) == 3
    assert "60,000 to 1,000,000" in lines[-1]
    assert "1.50" in lines[-1]
    assert growth([few, once]) == ""


def test_what_has_no_reference_and_no_other_build_has_dashes() -> None:
    row = Row("P16", "page", "SQLite", "6", ours=(29.5,), reference=(), goal="≤ 30 kB", unit="kB")

    cells = [cell.strip() for cell in table([row]).splitlines()[-1].strip("|").split("|")]

    assert cells == ["P16", "page", "SQLite", "6", "29.50 kB", "–", "–", "≤ 30 kB", "–", "–"]


@pytest.mark.parametrize("lacking", ["disk", "memory"])
def test_a_world_too_large_is_refused_before_it_is_begun(
    lacking: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = {"disk": 1 << 50, "memory": 1 << 50, lacking: 1 << 30}
    monkeypatch.setattr(worlds.shutil, "disk_usage", lambda _: SimpleNamespace(free=free["disk"]))
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=free["memory"]))

    worlds.refuse_too_large(1_000, tmp_path, databases=2)
    with pytest.raises(SystemExit, match=rf"333,334 incidents take .* {lacking}.* 1,024 MB are free: choose"):
        worlds.refuse_too_large(333_334, tmp_path, databases=2)


def test_every_row_is_made_on_a_tiny_world(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """All but those that need many probes, stored verdicts or requests to mean anything."""
    for module, name in ((measuring, "WARM_UP"), (measuring, "ROUNDS"), (server, "WORKERS")):
        monkeypatch.setattr(module, name, 1)
    rows = [number for number in bench.ROWS if number not in ("P12", "P13", "P15")]
    said = ["--database", "sqlite", "--incidents", "4", "--seconds", "0.0001", "--people", "40"]
    monkeypatch.setattr("sys.argv", ["bench", *said, "--cache", str(tmp_path), "--rows", ",".join(rows)])

    bench.main()

    lines = capsys.readouterr().out.splitlines()[2:]
    assert {line.split("|")[1].strip() for line in lines} == set(rows)
    assert not list(tmp_path.glob("copy-*"))
