"""Markdown as Confluence's storage format. Pure.

Storage format is XML: what is no element of it here is text, and what is HTML in a text stays the words it
is, but for line breaks. Files beside the page become attachments of it by name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any
from urllib.parse import unquote
from xml.sax.saxutils import escape, quoteattr

from markdown_it import MarkdownIt
from markdown_it.token import Token

from postmortems import patterns
from postmortems.document.markdown import prose_markers

# What XML 1.0 §2.2 has no place for.
NO_XML = patterns.of("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
BREAK = patterns.of(r"<br\s*/?>", re.IGNORECASE)
LANGUAGE = patterns.of(r"[\w+#-]{1,30}")
ALERT = patterns.of(r"\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\][ \t]*\n?")
PANELS = {"NOTE": "info", "TIP": "tip", "IMPORTANT": "note", "WARNING": "warning", "CAUTION": "warning"}
REMOTE = patterns.of(r"(?:https?|mailto|ftp):", re.IGNORECASE)
MARKS = (prose_markers.PROSE, prose_markers.PROSE_END)
DEEPEST = 40


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"maxNesting": DEEPEST}).enable(["table", "strikethrough"])


def storage(text: str) -> str:
    """A text of Markdown as storage format."""
    tokens = _markdown().parse(text)
    return _Written(tokens).all()


def inline(text: str) -> str:
    """A line of Markdown as storage format, without a paragraph round it."""
    (token,) = _markdown().parseInline(text)
    return _inline(token.children or [])


def words(text: str) -> str:
    """Text as XML."""
    return escape(NO_XML.sub("\ufffd", text))


def attribute(value: str) -> str:
    """A value in quotes, as XML."""
    return quoteattr(NO_XML.sub("\ufffd", value))


def listing(text: str, language: str = "") -> str:
    """A block of code; the mark that would end CDATA is parted."""
    kept = NO_XML.sub("\ufffd", text).replace("]]>", "]]]]><![CDATA[>")
    named = parameter("language", language) if LANGUAGE.fullmatch(language) else ""
    return macro("code", f"{named}<ac:plain-text-body><![CDATA[{kept}]]></ac:plain-text-body>")


def macro(name: str, inside: str) -> str:
    return f"<ac:structured-macro ac:name={attribute(name)}>{inside}</ac:structured-macro>"


def parameter(name: str, value: str) -> str:
    return f"<ac:parameter ac:name={attribute(name)}>{words(value)}</ac:parameter>"


class _Written:
    """The blocks of a text, written one after the other."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._at = 0

    def all(self) -> str:
        parts: list[str] = []
        while self._at < len(self._tokens):
            parts.append(self._next())
        return "".join(parts)

    def _next(self) -> str:
        token = self._tokens[self._at]
        self._at += 1
        match token.type:
            case "fence" | "code_block":
                return listing(token.content.removesuffix("\n"), (token.info.split() or [""])[0])
            case "html_block":
                return _html(token.content)
            case "hr":
                return "<hr />"
            case "inline":
                return _inline(token.children or [])
            case "blockquote_open":
                return self._quote()
        return self._tag(token)

    def _tag(self, token: Token) -> str:
        if token.hidden:
            return ""
        if token.nesting < 0:
            return f"</{token.tag}>"
        start = token.attrs.get("start")
        kept = f" start={attribute(str(start))}" if token.tag == "ol" and start else ""
        return f"<{token.tag}{kept}>"

    def _quote(self) -> str:
        """A quotation, or the panel that GitHub's mark in its first line stands for."""
        first = self._tokens[self._at + 1] if self._at + 1 < len(self._tokens) else None
        alert = ALERT.match(first.content) if first is not None and first.type == "inline" else None
        if first is None or alert is None:
            return f"<blockquote>{self._until_end()}</blockquote>"
        rest = first.content[alert.end() :]
        self._at += 3
        head = f"<p>{inline(rest)}</p>" if rest.strip() else ""
        body = head + self._until_end()
        return macro(PANELS[alert[1]], f"<ac:rich-text-body>{body}</ac:rich-text-body>")

    def _until_end(self) -> str:
        parts: list[str] = []
        while self._tokens[self._at].type != "blockquote_close":
            parts.append(self._next())
        self._at += 1
        return "".join(parts)


def _html(text: str) -> str:
    """HTML in a text as the words that it is; our marks stay comments."""
    bare = text.strip()
    return bare if bare in MARKS else f"<p>{words(bare)}</p>"


def _inline(tokens: Sequence[Token]) -> str:
    out: list[str] = []
    for token in tokens:
        if made := MADE.get(token.type):
            out.append(made(token))
        elif token.tag in ("em", "strong", "s"):
            tag = "del" if token.tag == "s" else token.tag
            out.append(f"</{tag}>" if token.nesting < 0 else f"<{tag}>")
        else:
            out.append(words(token.content))
    return _links_closed("".join(out))


def _opened(token: Token) -> str:
    href = str(token.attrs.get("href", ""))
    if not REMOTE.match(href) and (name := file_name(href)):
        return f"{FILE}<ac:link><ri:attachment ri:filename={attribute(name)} /><ac:link-body>"
    return f"<a href={attribute(href)}>"


# Marks the beginning of a link to a file until its end is known; no text has it, as XML has no place for it.
FILE = "\x00"


def _links_closed(text: str) -> str:
    """Each link to a file with the end that it needs; links are never in links."""
    first, *files = text.split(FILE)
    return first + "".join(part.replace("</a>", "</ac:link-body></ac:link>", 1) for part in files)


def file_name(href: str) -> str:
    """The name of a file in the folder of attachments; "" for any other address."""
    folder, _, name = unquote(href.split("?")[0]).rpartition("/")
    return name if folder.split("/")[-1] == "attachments" else ""


def _picture(token: Token) -> str:
    source, said = str(token.attrs.get("src", "")), "".join(child.content for child in token.children or [])
    alt = f" ac:alt={attribute(said)}" if said else ""
    if name := file_name(source):
        return f"<ac:image{alt}><ri:attachment ri:filename={attribute(name)} /></ac:image>"
    if REMOTE.match(source):
        return f"<ac:image{alt}><ri:url ri:value={attribute(source)} /></ac:image>"
    return words(said or source)


def _html_inline(token: Token) -> str:
    return "<br />" if BREAK.fullmatch(token.content) else words(token.content)


MADE: dict[str, Callable[[Any], str]] = {
    "link_open": _opened,
    "link_close": lambda _: "</a>",
    "image": _picture,
    "html_inline": _html_inline,
    "code_inline": lambda token: f"<code>{words(token.content)}</code>",
    "softbreak": lambda _: "\n",
    "hardbreak": lambda _: "<br />",
}
