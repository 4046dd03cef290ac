"""What authors say about an item in its own words: the rows are `items/words.txt`."""

from __future__ import annotations

from pathlib import Path

import pytest

from postmortems.document.markdown import parser
from postmortems.document.markdown.items import item_fields
from postmortems.document.model import Item
from postmortems.document.text import is_all_there

ROWS = (Path(__file__).parents[2] / "items" / "words.txt").read_text(encoding="utf-8").splitlines()
PAIRS = [tuple(row.split(" => ")) for row in ROWS if row and not row.startswith("#")]


def shown(item: Item) -> str:
    return " | ".join([item.text.replace("\n", "\\n"), *(key[2:] for key in item_fields.write(item))])


@pytest.mark.parametrize("written, meant", PAIRS)
def test_the_words_about_an_item_are_read(written: str, meant: str) -> None:
    text = "# T\n\n## Action items\n\n" + written.replace("\\n", "\n") + "\n"

    document = parser.parse(text)

    assert [shown(item) for item in document.items] == meant.split(" %% ")
    assert parser.parse(parser.write(document)) == document
    assert is_all_there(text, parser.write(document))
