"""What a site generator would take for its own, and how it is written so that it is shown."""

from __future__ import annotations

import pytest

from postmortems.exchange.exports import places, site_dialects
from postmortems.exchange.exports.outline import outline
from postmortems.exchange.exports.raw_html import shown

HUGO = [
    ("{{< x >}}", "{{&lt; x >}}"),
    ("{{% x %}}", "{{&#37; x %}}"),
    ("{{< never closed", "{{&lt; never closed"),
    ("[a]({{< ref b >}})", "[a]({{&lt; ref b >}})"),
    ("`{{< x >}}`", "`{{</* x */>}}`"),
    ("`{{< never closed`", "`{ {< never closed`"),
    ("```\n{{< a >}} {{% b %}}\n```", "```\n{{</* a */>}} {{%/* b */%}}\n```"),
    ("`{{</* shown */>}}`", "`{{</* shown */>}}`"),
    ("- [x] a task", "- [x] a task"),
    ("- [x](address)", "- [&#120;](address)"),
    ("- see [x] there", "- see [&#120;] there"),
    ("#### Title {#own .class}", "#### Title &#123;#own .class}"),
    ("### Over the break {.entry}", "### Over the break {.entry}"),
    ("{{ .Values.x }}", "{{ .Values.x }}"),
    ("```{admonition} Title\ncode\n```", "```\ncode\n```"),
    ("~~~ python {hl=1-3}\ncode\n~~~", "~~~python\ncode\n~~~"),
    ('```go title="x"\ncode\n```', '```go title="x"\ncode\n```'),
]
JEKYLL = [
    ("a | b", r"a \| b"),
    ("`a | b`", "`a | b`"),
    ("<p>a | b</p>", "<p>a | b</p>"),
    ("1) a", "1. a"),
    ("in\n1986) it was", "in\n1986) it was"),
    ("1.\n   - a", "1.\n   - a"),
    ("{: .class}", r"\{: .class}"),
    ("*[API]: words", r"\*[API]: words"),
    ("- a\n-\n- b", "- a\n- &#160;\n- b"),
    ("text\n5. more", "text\n5\\. more"),
    ("* a\n- b", "* a\n\n<!-- -->\n\n- b"),
    ("[a](b c)", r"[a]\(b c)"),
    ('[a](b "c")', '[a](b "c")'),
    ("[a](<b c>)", "[a](<b c>)"),
    ("``` python title=x\ncode\n```", "```python\ncode\n```"),
    ("~~~ {#id .c}\ncode\n~~~", "~~~\ncode\n~~~"),
    ("```{note}\ncode\n```", "```\ncode\n```"),
    (
        "<details>\n\n- a\n\n</details>",
        "<details>\n<ul>\n<li>a</li>\n</ul>\n</details>",
    ),
]
MKDOCS = [
    ("> a\n>\n\nb", "> a\n>\n\nb"),
    ("&notachar; &copy; &#35; AT&T", "&amp;notachar; &copy; &#35; AT&T"),
    ("a<b&c> and <b>bold</b>", "a&lt;b&c> and <b>bold</b>"),
    ("<https://example.org> <ada@example.org>", "<https://example.org> <ada@example.org>"),
    ("`<b&c>`", "`<b&c>`"),
    ('--8<-- "file"', '--8&lt;-- "file"'),
]
SPHINX = [
    ("{ref}`a`", r"\{ref}`a`"),
    ("% note", r"\% note"),
    ("(a-b)=", r"\(a-b)="),
    ("+++", r"\+++"),
    ("```{note}\nx\n```", "```note\nx\n```"),
    ("``` {note} T\nx\n```", "```note T\nx\n```"),
    ("1. ```{note}\n   x\n   ```", "1. ```note\n   x\n   ```"),
    ("    % code", "    % code"),
]
EVERYWHERE = [
    ("````\n```{note} x\n````", "````\n```{note} x\n````"),
    ("<script>run()</script>", "&lt;script>run()&lt;/script>"),
    ("a <style> b", "a &lt;style> b"),
    ("`<script>`", "`<script>`"),
    ("<b>bold</b>", "<b>bold</b>"),
]
DIALECTS = {
    "hugo": site_dialects.for_hugo,
    "jekyll": site_dialects.for_jekyll,
    "mkdocs": site_dialects.for_mkdocs,
    "sphinx": site_dialects.for_sphinx,
}
CASES = [
    *(("hugo", *case) for case in HUGO),
    *(("jekyll", *case) for case in JEKYLL),
    *(("mkdocs", *case) for case in MKDOCS),
    *(("sphinx", *case) for case in SPHINX),
    *((name, *case) for name in DIALECTS for case in EVERYWHERE),
]


@pytest.mark.parametrize("name, text, wanted", CASES)
def test_what_a_generator_would_take_for_its_own_is_written_otherwise(
    name: str, text: str, wanted: str
) -> None:
    assert DIALECTS[name](text) == wanted


@pytest.mark.parametrize("name, text, _", CASES)
def test_written_twice_it_is_the_same(name: str, text: str, _: str) -> None:
    once = DIALECTS[name](text)

    assert DIALECTS[name](once) == once


@pytest.mark.parametrize("name, text", [(name, text) for name, text, _ in CASES if name != "hugo"])
def test_what_is_read_back_shows_the_same(name: str, text: str) -> None:
    written = outline(shown(DIALECTS[name](text)))

    # A list's empty item and a tag that GitHub shows as text are the two that our own pages mend.
    assert written.replace("\N{NO-BREAK SPACE}", "") in {outline(shown(text)), *map(outline, [escaped(text)])}


def escaped(text: str) -> str:
    return shown(
        text.replace("<script>run()</script>", "&lt;script>run()&lt;/script>").replace("a <s", "a &lt;s")
    )


@pytest.mark.parametrize(
    "text, wanted",
    [
        ("w `c` w", "W `c` W"),
        ("w ``c ` c`` w", "W ``c ` c`` W"),
        ("w `c\nc` w", "W `c\nc` W"),
        ("w `w\n\nw", "W `W\n\nW"),
        ("```\nc\n```\nw", "```\nc\n```\nW"),
        ("    c\n\nw", "    c\n\nW"),
        ("<p>\nw\n</p>", "<P>\nW\n</P>"),
        (r"w \`w`c`", r"W \`W`c`"),
    ],
)
def test_words_are_changed_and_code_is_not(text: str, wanted: str) -> None:
    assert places.changed(text, words=str.upper) == wanted


def test_code_alone_is_changed() -> None:
    assert places.changed("w `c` w\n\n    c", code=str.upper) == "w `C` w\n\n    C"


def test_html_and_tables_may_be_changed_by_themselves() -> None:
    text = "w\n\n<p>h</p>\n\n| t |\n|---|\n| t |"

    assert (
        places.changed(text, words=str.upper, html=str, tables=str) == "W\n\n<p>h</p>\n\n| t |\n|---|\n| t |"
    )
