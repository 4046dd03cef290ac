"""Blocks are the same however a text is taken apart to read it."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from postmortems.document.markdown import tokens
from postmortems.document.markdown.tokens import VERBATIM, VERBATIM_END, blocks

LINES = (
    "", "", "", "# a", "## b", "### 10:00 c ##", "####", " # d", "#e", "text", "- one", "  two", "    # f",
    "1. x", "> quoted", "```", "~~~", "    ```", "<!-- open", "-->", "<div>", "</div>", "<script>",
    "</script>", "===", "---", "| a | b |", "|---|---|", "{: .table }", "\ttabbed", "- # g", VERBATIM,
    VERBATIM_END, "a\rb", "<?php", "?>",
)  # fmt: skip


@settings(max_examples=200)
@example(["```", "", "# in code", "", "```", "", "# b", "text"])
@given(st.lists(st.sampled_from(LINES), max_size=30))
def test_a_text_read_from_heading_to_heading_is_the_text_read_at_once(lines: list[str]) -> None:
    whole = list(tokens._kept_whole(lines, tokens._read(lines)))

    assert blocks(lines) == whole
