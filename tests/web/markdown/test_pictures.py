"""Pictures on pages: loaded late, with room kept for them, and led to what is attached."""

from __future__ import annotations

import pytest

from postmortems.document.markdown.references import Attached
from postmortems.web.markdown import pictures, safe_html

OURS = "/attachments/q8pZ3rJt0n5yUe2bKfLw1A"
ATTACHED = {
    OURS: Attached(f"{OURS}/graph.png", 40, 20),
    "img/a b.png": Attached("/attachments/AAAAAAAAAAAAAAAAAAAAAA/a b.png", 4, 2),
    "log.txt": Attached("/attachments/BBBBBBBBBBBBBBBBBBBBBB/log.txt"),
}
LATE = 'loading="lazy" decoding="async"'
SHOWN = [
    (
        f"![A graph]({OURS}/graph.png)",
        f'<img src="{OURS}/graph.png" alt="A graph" {LATE} width="40" height="20">',
    ),
    (
        "![a](img/a%20b.png)",
        f'src="/attachments/AAAAAAAAAAAAAAAAAAAAAA/a b.png" alt="a" {LATE} width="4" height="2"',
    ),
    ("![a](<img/a b.png>)", 'src="/attachments/AAAAAAAAAAAAAAAAAAAAAA/a b.png"'),
    ("[the log](log.txt)", 'href="/attachments/BBBBBBBBBBBBBBBBBBBBBB/log.txt"'),
    ("![b](img/b.png)", f'<img src="img/b.png" alt="b" {LATE}>'),
    ("![c](https://example.org/c.png)", f'<img src="https://example.org/c.png" alt="c" {LATE}>'),
    (f'<img src="{OURS}/x.png" alt="" width="10">', f'width="10" {LATE}>'),
]
# Words that look like a tag stay words, wherever they stand.
UNTOUCHED = [
    '<a title="<img src=" href="https://example.org">x</a>',
    '<td title="<img src=" align=" x=" colspan=">">x</td>',
    "`<img src=x>` and <b>bold</b>",
    '<p title="a > b">x</p>',
]


@pytest.mark.parametrize("text, shown", SHOWN)
def test_a_picture_is_shown_from_where_it_is(text: str, shown: str) -> None:
    assert shown in pictures.placed(str(safe_html.to_html(text)), ATTACHED)


@pytest.mark.parametrize("text", UNTOUCHED)
def test_words_that_look_like_a_picture_stay_words(text: str) -> None:
    html = str(safe_html.to_html(f"{text}\n\n![c](https://example.org/c.png)"))

    assert pictures.placed(html, ATTACHED).replace(f" {LATE}", "") == html


def test_a_picture_may_be_loaded_from_the_page_itself() -> None:
    attached = {"a.png": Attached("https://example.org/a.png", 4, 2, source="data:image/png;base64,AA==")}
    html = pictures.placed(str(safe_html.to_html("[![a](a.png)](a.png)")), attached)

    assert 'src="data:image/png;base64,AA=="' in html
    assert 'href="https://example.org/a.png"' in html
