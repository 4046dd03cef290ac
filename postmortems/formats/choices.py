"""A field that is one of some words, or empty: a refusal names the words alone."""

from __future__ import annotations

from collections.abc import Iterable

from marshmallow import validate


class OneOfOrNothing(validate.OneOf):
    """Takes "" beside the words. A list that began with it would read `Must be one of: , json, csv.`."""

    def __init__(self, words: Iterable[str]) -> None:
        named = tuple(words)
        super().__init__(("", *named))
        self.choices_text = ", ".join(named)
