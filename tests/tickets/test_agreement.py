"""The three-way rule, as a table of all that can be said of a field, and as laws."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postmortems.tickets.agreement import APART, DISPUTED, FIELDS, SAME, SEND, TAKE, of_field, settle

SAID = st.sampled_from(["", "a", "b", "c"])
SIDE = st.none() | SAID
BASE = st.none() | st.tuples(SAID, SAID)


@pytest.mark.parametrize(
    "base, ours, theirs, becomes",
    [
        # Nothing was agreed on yet: an issue was linked.
        (None, "a", "a", SAME),
        (None, "", "", SAME),
        (None, "a", "", SEND),
        (None, "", "a", TAKE),
        (None, "a", "b", DISPUTED),
        # Both said the same, and nobody changed it.
        (("a", "a"), "a", "a", SAME),
        (("", ""), "", "", SAME),
        # One side changed it.
        (("a", "a"), "b", "a", SEND),
        (("a", "a"), "a", "b", TAKE),
        (("a", "a"), "", "a", SEND),
        (("a", "a"), "a", "", TAKE),
        (("", ""), "a", "", SEND),
        (("", ""), "", "a", TAKE),
        # Both did.
        (("a", "a"), "b", "c", DISPUTED),
        (("a", "a"), "", "b", DISPUTED),
        (("a", "a"), "b", "", DISPUTED),
        (("", ""), "a", "b", DISPUTED),
        # Both did, to the same.
        (("a", "a"), "b", "b", SAME),
        (("a", "a"), "", "", SAME),
        # They agreed to differ: a title of ours that is cut there, or a state they have no word for.
        (("a", "b"), "a", "b", SAME),
        (("a", "b"), "c", "b", SEND),
        (("a", "b"), "a", "c", TAKE),
        (("a", "b"), "b", "b", SAME),
        (("a", "b"), "b", "a", DISPUTED),
        (("a", "b"), "c", "d", DISPUTED),
        (("a", "b"), "a", "a", SAME),
        (("open", "done"), "open", "done", SAME),
        (("open", "done"), "done", "done", SAME),
        (("open", "done"), "open", "open", SAME),
        (("open", "done"), "dropped", "done", SEND),
        (("dropped", "done"), "dropped", "done", SAME),
        (("dropped", "done"), "open", "done", SEND),
        (("dropped", "done"), "dropped", "open", TAKE),
        (("open", "open"), "done", "dropped", DISPUTED),
        # A side that has no such field, or says what the other has no word for.
        (None, None, None, APART),
        (None, "a", None, APART),
        (None, None, "a", APART),
        (("a", "a"), None, "b", APART),
        (("a", "a"), "b", None, APART),
        (("a", "a"), None, None, APART),
        (("", ""), None, "", APART),
    ],
)
def test_a_field_becomes(
    base: tuple[str, str] | None, ours: str | None, theirs: str | None, becomes: str
) -> None:
    assert of_field(base, ours, theirs) == becomes


@given(BASE, SIDE, SIDE)
def test_the_sides_are_alike(base: tuple[str, str] | None, ours: str | None, theirs: str | None) -> None:
    turned = {SEND: TAKE, TAKE: SEND}
    other_way = of_field(None if base is None else (base[1], base[0]), theirs, ours)

    assert turned.get(other_way, other_way) == of_field(base, ours, theirs)


@given(BASE, SAID, SAID)
def test_what_was_settled_stays_settled(base: tuple[str, str] | None, ours: str, theirs: str) -> None:
    becomes = of_field(base, ours, theirs)
    if becomes == TAKE:
        ours = theirs
    if becomes == SEND:
        theirs = ours
    agreed = settle({} if base is None else {"due": base}, {"due": ours}, {"due": theirs})

    if becomes != DISPUTED:
        assert of_field(agreed.base["due"], ours, theirs) == SAME


@given(st.dictionaries(st.sampled_from(FIELDS), BASE), st.dictionaries(st.sampled_from(FIELDS), SIDE))
def test_nothing_flows_to_a_side_that_says_nothing(
    base: dict[str, tuple[str, str] | None], ours: dict[str, str | None]
) -> None:
    known = {name: pair for name, pair in base.items() if pair is not None}
    settled = settle(known, ours, {})

    assert settled.fields(APART) == FIELDS
    assert settled.base == known


def test_a_field_that_is_sent_joins_what_is_agreed_only_later() -> None:
    settled = settle({"title": ("a", "a")}, {"title": "b", "due": "x"}, {"title": "a", "due": "x"})

    assert settled.fields(SEND) == ("title",)
    assert settled.base == {"title": ("a", "a"), "due": ("x", "x")}
