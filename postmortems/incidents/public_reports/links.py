"""Links in a public report: what stands for one in Markdown or HTML, and where it may lead. Pure."""

from __future__ import annotations

import html
import re
from collections.abc import Collection
from urllib.parse import unquote, urlsplit

from postmortems.document.markdown.references import LINK
from postmortems.incidents.attachments import links as attachments
from postmortems.incidents.public_reports import private_hosts

WORDS = r"(?:[^\[\]\\]|\\.|\[(?:[^\[\]\\]|\\.)*\])*"
ADDRESS = r"(?:<(?P<angled>[^<>\n]*)>|(?P<bare>(?:[^\s()<>\\]|\\.|\((?:[^\s()\\]|\\.)*\))*))"
TITLE = r"""(?:\s+(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\((?:[^()\\]|\\.)*\)))?"""
INLINE = re.compile(rf"(?<!!)\[(?P<words>{WORDS})\]\(\s*{ADDRESS}{TITLE}\s*\)")
ATTRIBUTES = r"""(?:[^<>"']|"[^"]*"|'[^']*')*+"""
# A picture in Markdown, whatever it refers to, or in HTML.
PICTURE = re.compile(
    rf"!\[(?P<alt>{WORDS})\](?:\(\s*(?P<target><[^<>\n]*>|(?:[^\s()<>\\]|\\.|\([^\s()]*\))*){TITLE}\s*\)|\[[^\]\n]*\])?"
    rf"|<(?:img|picture|source|svg|image|object|embed|video|audio)\b{ATTRIBUTES}>"
    r"|(?P<source>\bdata:image/[\w+.-]+[;,]\S+)",
    re.IGNORECASE,
)
TAG_LINK = re.compile(
    rf"""<a\b[^<>]{{0,500}}?\bhref\s*=\s*(?P<quote>["']?)(?P<target>[^"'<>\s]*)(?P=quote){ATTRIBUTES}>"""
    r"(?P<words>.{0,2000}?)</a\s*>",
    re.IGNORECASE | re.DOTALL,
)
URL = re.compile(
    r"(?<![A-Za-z0-9+.-])(?:[A-Za-z][A-Za-z0-9+.-]{1,30}:)?//[^\s<>\"`|\\^{}‹›\ue000-\ue019]+"
    # A share of a file server, with its signs escaped or not.
    r"|(?<![\\\w])\\{2,4}[A-Za-z0-9_.-]+\\{1,2}[A-Za-z0-9$][^\s<>]*"
    r"|(?<![\w@./-])www\.[^\s<>\"`|\\^{}‹›]+"
    r"|(?<![\w)/.~])/(?:incidents|action-items|attachments|gate|guards|services|settings|reports|coverage)/[^\s<>\"`)\]]+",
    re.IGNORECASE,
)
USED = re.compile(rf"(?P<sign>!?)\[(?P<words>{WORDS})\](?:\[(?P<label>[^\[\]\n]*)\])?(?![\[(:])")


def inlined(text: str) -> str:
    """The text with links that name a definition written out, and the definitions gone."""
    if "]:" not in text:
        return text
    targets: dict[str, str] = {}

    def noted(match: re.Match[str]) -> str:
        label = _label(match[1])
        if label.startswith("^"):
            return match[0]
        targets.setdefault(label, match[2] or match[3] or "")
        return ""

    text = re.sub(rf"^{LINK.pattern}", noted, text, flags=re.MULTILINE)

    def written(match: re.Match[str]) -> str:
        target = targets.get(_label(match["label"] or match["words"]))
        return match[0] if target is None else f"{match['sign']}[{match['words']}](<{target}>)"

    return USED.sub(written, text).strip("\n") if targets else text


def _label(written: str) -> str:
    return " ".join(written.split()).casefold()


def without_trail(address: str) -> str:
    """A bare address without the marks that end a sentence behind it (GFM §6.9)."""
    address = address.rstrip("*_~")
    address = re.sub(r"(?:[?!.,:*_~'\"]|&[a-z]+;)+\Z", "", address)
    while address.endswith((")", "]")) and address.count(")") + address.count("]") > address.count(
        "("
    ) + address.count("["):
        address = re.sub(r"[?!.,:;]*\Z", "", address[:-1])
    return address


def decoded(address: str) -> str:
    """An address as its words read: without entities and percent signs, however often they were coded."""
    for _ in range(3):
        address = unquote(html.unescape(address))
    return address


def is_web(address: str) -> bool:
    """Whether it leads to a web server by name, and names nobody who signs in there."""
    try:
        parts = urlsplit(html.unescape(address))
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return False


def is_public(address: str, public_hosts: Collection[str], internal: Collection[str]) -> bool:
    """Whether an address may be shown: on the web, on one of the public hosts, and not internal besides."""
    if not is_web(address):
        return False
    host = (urlsplit(html.unescape(address)).hostname or "").rstrip(".").lower()
    is_listed = any(
        host == listed or (listed.startswith("*.") and host.endswith(listed[1:])) for listed in public_hosts
    )
    is_inside = host in internal or private_hosts.is_private(host) or private_hosts.is_internal(host, ())
    return is_listed and not is_inside


def attached(target: str) -> str:
    """The key of an attachment that an address leads to, as its incident knows it; "" for anything else."""
    return attachments.key(target.strip().strip("<>"))
