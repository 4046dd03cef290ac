"""Fields of an item: boxes over its words, and owners that are nobody."""

from __future__ import annotations

import pytest

from postmortems.document.markdown import parser
from postmortems.document.markdown.items import item_fields
from postmortems.document.model import Document, Item, Section


@pytest.mark.parametrize(
    "lines, status, text",
    [
        (["[x]", "Add an alert"], "done", "Add an alert"),
        (["[ ]  ", "", "Add an alert"], "open", "Add an alert"),
        (["☑", "Add an alert", "within a minute"], "done", "Add an alert\nwithin a minute"),
        (["[x]", "- Add an alert"], "", "[x]\n- Add an alert"),
        (["[x]", "    kubectl get pods"], "", "[x]\n    kubectl get pods"),
        (["[x]", "```", "kubectl get pods", "```"], "", "[x]\n```\nkubectl get pods\n```"),
        (["[x](https://example.org)", "Add an alert"], "", "[x](https://example.org)\nAdd an alert"),
    ],
)
def test_a_box_over_words_says_their_state(lines: list[str], status: str, text: str) -> None:
    item = item_fields.read(lines)

    assert item is not None
    assert (item.status, item.text) == (status, text)


@pytest.mark.parametrize("typed, owner", [("-", ""), ("?", ""), ("___", ""), ("@ada", "@ada"), ("7", "7")])
def test_an_owner_without_a_letter_that_somebody_saves_is_nobody(typed: str, owner: str) -> None:
    document = Document(
        title="T", sections=(Section("Action items", (Item("Do", owner=typed, team=typed),)),)
    )

    (item,) = parser.normal(document).items

    assert (item.text, item.owner, item.team) == ("Do", owner, owner)
