"""Recovery codes: how they look, and how they may be typed."""

from __future__ import annotations

import pytest

from postmortems.accounts.factors import recovery_codes


def test_ten_codes_and_none_twice() -> None:
    codes = recovery_codes.fresh()

    assert len(set(codes)) == recovery_codes.COUNT
    assert all(len(code) == 19 and code.count("-") == 3 for code in codes)


@pytest.mark.parametrize(
    "typed",
    [
        "7kqm-2x9d-hbw4-tn5r",
        "7KQM-2X9D-HBW4-TN5R",
        "7kqm2x9dhbw4tn5r",
        " 7kqm 2x9d hbw4 tn5r ",
        "7kqm\t2x9d-hbw4-tn5r",
    ],
)
def test_a_code_is_read_however_it_is_typed(typed: str) -> None:
    assert recovery_codes.plain(typed) == "7kqm2x9dhbw4tn5r"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "123456",
        "7kqm-2x9d-hbw4-tn5",
        "7kqm-2x9d-hbw4-tn5r2",
        "7kqm-2x9d-hbw4-tn50",
        "7kqm_2x9d_hbw4_tn5r",
        "x" * 5000,
        "\ud800" * 16,
    ],
)
def test_what_is_no_code_is_read_as_none(typed: str) -> None:
    assert recovery_codes.plain(typed) == ""
