"""A refused choice names the choices."""

from __future__ import annotations

import pytest
from marshmallow import ValidationError

from postmortems.formats.choices import OneOfOrNothing


def test_a_refused_word_is_told_the_words_and_nothing_is_taken() -> None:
    choices = OneOfOrNothing(["json", "csv"])
    assert (choices(""), choices("csv")) == ("", "csv")
    with pytest.raises(ValidationError) as refused:
        choices("nope")
    assert refused.value.messages == ["Must be one of: json, csv."]
