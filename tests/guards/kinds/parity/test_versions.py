"""Semantic versions: which are some, in which order they are, and when one may follow another."""

from __future__ import annotations

from itertools import pairwise

import pytest

from postmortems.guards.kinds.parity import versions

# As the standard orders them.
IN_ORDER = [
    "0.9.9", "1.0.0-0", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2",
    "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1", "1.2.0", "1.10.0", "2.0.0",
]  # fmt: skip


@pytest.mark.parametrize("lower, higher", list(pairwise(IN_ORDER)))
def test_versions_order_as_the_standard_says(lower: str, higher: str) -> None:
    one, other = versions.read(lower), versions.read(higher)

    assert one is not None
    assert other is not None
    assert one < other


@pytest.mark.parametrize(
    "text",
    ["", "1", "1.2", "1.2.3.4", "01.2.3", "1.2.3-", "1.2.3-01", "1.2.3-a..b", "1.2.3+", "v", "V1.2.3",
     "latest", "1.2.3 ", " 1.2.3", "1.2.3\n", "-1.2.3", "1.2.x", "\u0661.2.3", "1.2.3-" + "a" * 300,
     "9" * 5000 + ".0.0"],
)  # fmt: skip
def test_what_is_no_version_is_none(text: str) -> None:
    assert versions.read(text) is None


@pytest.mark.parametrize(
    "mine, theirs, way, may",
    [
        ("1.2.3", "1.2.3", "exact", True),
        ("1.2.3", "v1.2.3", "exact", False),
        ("1.2.3", "v1.2.3", "minor", True),
        ("1.2.3", "1.2.3+build.7", "not_newer", True),
        ("1.2.3-rc.1", "1.2.3", "not_newer", True),
        ("1.2.3", "1.2.3-rc.1", "not_newer", False),
        ("1.3.0", "1.2.9", "minor", False),
        ("2.0.0", "1.9.9", "major", False),
        ("1.9.9", "2.0.0", "major", False),
        ("stable", "stable", "not_newer", True),
        ("stable", "1.2.3", "major", False),
    ],
)
def test_a_version_may_follow_another_or_it_is_said_why_not(
    mine: str, theirs: str, way: str, may: bool
) -> None:
    assert (versions.differ(mine, theirs, way) is None) is may
