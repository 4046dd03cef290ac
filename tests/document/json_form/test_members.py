"""The members of the JSON form: each field of the model has one, and nothing else is read into it."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from postmortems.document.json_form import members
from postmortems.document.json_form.fields import Member
from postmortems.document.model import Category, Document, Entry, Item, Prose, Section


@pytest.mark.parametrize(
    "made, own",
    [
        (Document, members.DOCUMENT),
        (Section, members.SECTION),
        *((made, own) for made, own, _ in members.BLOCKS.values()),
    ],
)
def test_what_is_read_are_the_fields_of_the_model(made: Any, own: dict[str, Member]) -> None:
    read = {name for name, member in own.items() if member.shape is None}

    assert read == {field.name for field in fields(made)}


def test_every_block_of_the_model_has_a_type() -> None:
    assert {made for made, _, _ in members.BLOCKS.values()} == {Prose, Entry, Category, Item}


def test_the_shape_of_any_block_has_the_members_of_all() -> None:
    assert members.ANY_BLOCK.keys() == {name for _, own, _ in members.BLOCKS.values() for name in own}
