"""Pictures in rendered texts: addresses of what is attached, and room kept for them while they load. Pure."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

from postmortems.document.markdown.references import Attached
from postmortems.incidents.attachments import links

# A tag as the sanitiser writes it, with all that stands in its quotes: no words in a title are taken for one.
TAG = re.compile(r'<(?P<name>/?[a-z][a-z0-9]*)(?P<attributes>(?: [\w-]+(?:="[^"]*")?)*+)(?P<end> ?/?)>')
ATTRIBUTE = re.compile(r' ([\w-]+)(?:="([^"]*)")?')


def placed(text: str, attached: Mapping[str, Attached]) -> str:
    """Sanitised HTML with its pictures loaded when they come into view, and links led to what is attached."""
    if "<img" not in text and not attached:
        return text
    return TAG.sub(lambda tag: _tag(tag, attached), text)


def _tag(tag: re.Match[str], attached: Mapping[str, Attached]) -> str:
    name = tag["name"]
    if name not in ("img", "a"):
        return tag[0]
    attributes = {key: html.unescape(value or "") for key, value in ATTRIBUTE.findall(tag["attributes"])}
    target = attributes.get("src" if name == "img" else "href", "")
    found = attached.get(links.key(target)) if target else None
    if name == "a":
        if found is None or (target.startswith(links.PATH) and found.address.startswith(links.PATH)):
            return tag[0]
        return _written(name, attributes | {"href": found.address}, tag["end"])
    own = {"loading": "lazy", "decoding": "async"}
    if found is not None:
        attributes["src"] = found.source or found.address
        own |= _size(found, attributes)
    return _written(name, attributes | own, tag["end"])


def _size(found: Attached, attributes: Mapping[str, str]) -> dict[str, str]:
    """Width and height, so that nothing moves when the picture comes; the author's, where one is written."""
    if not found.width or not found.height or attributes.keys() & {"width", "height"}:
        return {}
    return {"width": str(found.width), "height": str(found.height)}


def _written(name: str, attributes: Mapping[str, str], end: str) -> str:
    said = "".join(f' {key}="{html.escape(value, quote=True)}"' for key, value in attributes.items())
    return f"<{name}{said}{end}>"
