"""Boxes over the words of an item: they say its state where words follow, and are text where none do."""

from __future__ import annotations

import pytest

from postmortems.document.markdown.items import item_fields


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
