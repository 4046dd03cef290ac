"""Numbered lists of pages whose numbers do not follow one another: steps keep those that the page shows."""

import pytest
from markdown_it import MarkdownIt

from postmortems.document.markdown import parser
from postmortems.document.readers import registry as readers_registry

# A list of a page, and the numbers that it shows.
LISTS = {
    "from one": ("<ol><li>a<li>b</ol>", [1, 2]),
    "from four": ('<ol start="4"><li>a<li>b</ol>', [4, 5]),
    "a number of its own": ('<ol start="4"><li>a<li value="7">b<li>c</ol>', [4, 7, 8]),
    "a number of its own that follows": ('<ol><li>a<li value="2">b</ol>', [1, 2]),
    "a number that is none": ('<ol><li>a<li value="two">b</ol>', [1, 2]),
    "backwards": ("<ol reversed><li>a<li>b<li>c</ol>", [3, 2, 1]),
    "backwards from ten": ('<ol reversed start="10"><li>a<li>b</ol>', [10, 9]),
    "backwards below nothing": ('<ol reversed start="0"><li>a</ol>', [0]),
    "with paragraphs": ('<ol><li><p>a</p><p>more</p><li value="5"><p>b</p></ol>', [1, 5]),
    "in another list": ('<ul><li>x<ol><li>a<li value="3">b</ol></ul>', [1, 3]),
    "of two lists": ("<ol><li>a<li>b</ol><ol><li>c<li>d</ol>", [1, 2, 1, 2]),
    "of three lists": ("<ol><li>a</ol>\n<ol><li>b</ol>\n<ol><li>c</ol>", [1, 1, 1]),
    "of a list that goes on with another": ('<ol><li>a<li>b</ol><ol start="3"><li>c</ol>', [1, 2, 3]),
    "of lists whose items hold lists": ("<ol><li>a<ol><li>b</ol></ol><ol><li>c</ol>", [1, 1, 1]),
    "of lists in paragraphs of items": ("<ol><li><p>a</p><p>b</p></ol><ol><li><p>c</p></ol>", [1, 1]),
    "of lists with text between": ("<ol><li>a</ol><p>or</p><ol><li>b</ol>", [1, 1]),
    "larger than Markdown has": (f'<ol start="{"9" * 5_000}"><li>a</ol>', [999_999_999]),
}


@pytest.mark.parametrize("page, shown", LISTS.values(), ids=LISTS.keys())
def test_steps_keep_the_numbers_that_a_page_shows(page: str, shown: list[int]) -> None:
    written = parser.write(
        readers_registry.read("page.html", f"<h1>Outage</h1><h2>Steps</h2>{page}".encode())
    )

    numbers: list[int] = []
    number = 0
    for token in MarkdownIt("commonmark").parse(written.split("## Steps")[1]):
        if token.type == "ordered_list_open":
            number = int(token.attrs.get("start", 1))
        elif token.type == "list_item_open" and token.info:
            numbers.append(number)
            number += 1
    assert numbers == shown
    assert parser.write(parser.parse(written)) == written
