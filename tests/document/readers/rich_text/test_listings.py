"""Numbers of lines are no part of a listing, in the shapes of the programs that make pages."""

from __future__ import annotations

import pytest

from postmortems.document.readers import html

LISTING = "# Outage\n\n```\nrm a\nrm b\n```\n"
NUMBERED = {
    "Sphinx, in the line": (
        '<div class="highlight"><pre><span></span><span class="linenos">1</span>rm a\n'
        '<span class="linenos">2</span>rm b\n</pre></div>'
    ),
    "Python-Markdown, in a table": (
        '<table class="highlighttable"><tr><td class="linenos"><pre><span></span>1\n2</pre></td>'
        '<td class="code"><div><pre><span></span><code>rm a\nrm b\n</code></pre></div></td></tr></table>'
    ),
    "Hugo, in a table": (
        "<div><table><tr><td><pre><code><span>1\n</span><span>2\n</span></code></pre></td>"
        "<td><pre><code><span>rm a\n</span><span>rm b\n</span></code></pre></td></tr></table></div>"
    ),
    "Hugo, in the line": (
        '<pre><code><span><span style="white-space:pre;user-select:none">1</span><span>rm a\n</span></span>'
        '<span><span style="white-space:pre;user-select:none">2</span><span>rm b\n</span></span></code></pre>'
    ),
    "VitePress, below it": (
        "<pre><code>rm a\nrm b</code></pre>"
        '<div class="line-numbers-wrapper"><span>1</span><br><span>2</span><br></div>'
    ),
}


@pytest.mark.parametrize("made", NUMBERED.values(), ids=NUMBERED.keys())
def test_a_listing_is_its_lines(made: str) -> None:
    assert html.to_markdown(f"<main><h1>Outage</h1>{made}</main>") == LISTING


KEPT = {
    "numbers that are said": ("<p>1</p><pre>1 rm a\n2 rm b</pre>", "1\n\n```\n1 rm a\n2 rm b\n```"),
    "words where numbers stand": ('<pre><span class="ln">a</span> 1</pre>', "```\na 1\n```"),
    "a table of numbers": (
        "<table><tr><th>Lost</th><th>Kept</th></tr><tr><td>1</td><td>2</td></tr></table>",
        "| Lost | Kept |\n|---|---|\n| 1 | 2 |",
    ),
    "a table with a listing": (
        "<table><tr><td>Ran</td><td><pre>rm a</pre></td></tr></table>",
        "|  |  |\n|---|---|\n| Ran | ``` rm a ``` |",
    ),
}


@pytest.mark.parametrize("text, written", KEPT.values(), ids=KEPT.keys())
def test_all_else_stays(text: str, written: str) -> None:
    assert html.to_markdown(f"<main><h1>Outage</h1>{text}</main>") == f"# Outage\n\n{written}\n"
