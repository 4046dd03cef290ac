"""Macros of storage format: each as what a page shows for it; one that nobody knows by its body.

The names and parameters are those of Atlassian's documentation of the storage format and of its macros.
"""

from __future__ import annotations

from collections.abc import Callable

from postmortems.document.readers.confluence.shapes import MACROS
from postmortems.document.readers.markup_tree import Element, Node, text_of

Shown = Callable[[list[Node]], list[Node]]
LISTINGS = frozenset(("code", "noformat", "code-block"))
# By Confluence's name of a panel, the class that an exported page has for it.
PANELS = {"info": "information", "note": "note", "tip": "tip", "warning": "warning"}
FOLDS = frozenset(("expand", "ui-expand", "details-expand"))
FILES = frozenset(("view-file", "viewpdf", "viewdoc", "viewxls", "viewppt", "multimedia"))


def shown(macro: Element, inside: Shown) -> list[Node]:
    """What a page shows for a macro; `inside` shows the nodes of its body."""
    name = macro.attributes.get("ac:name", "").lower()
    said = _parameters(macro)
    title = said.get("title", "")
    body = inside([each for each in macro.children if _is(each, "ac:rich-text-body")])
    plain = [each for each in macro.children if _is(each, "ac:plain-text-body")]
    if name in LISTINGS:
        return _listing(title, said.get("language", ""), "".join(map(text_of, plain)))
    if name in PANELS:
        head: list[Node] = [Element("p", {"class": "title"}, [title])] if title else []
        classes = f"confluence-information-macro confluence-information-macro-{PANELS[name]}"
        return [Element("div", {"class": classes}, [*head, *body])]
    if name == "status":
        return [Element("span", {"class": "status-macro"}, [title])] if title else []
    if name == "anchor":
        return [Element("span", {"id": said.get("", "")})]
    if name == "jira":
        return [said["key"]] if said.get("key") else []
    if name in FILES:
        return _file(macro)
    if name in MACROS and not body:
        return []
    named = [_named(title)] if title and (name == "panel" or name in FOLDS) else []
    return [*named, *body, *(Element("pre", {}, [text_of(each)]) for each in plain if text_of(each).strip())]


def _is(node: Node, tag: str) -> bool:
    return isinstance(node, Element) and node.tag == tag


def _parameters(macro: Element) -> dict[str, str]:
    """The macro's parameters by name; the first counts."""
    found: dict[str, str] = {}
    for child in macro.children:
        if isinstance(child, Element) and child.tag == "ac:parameter":
            found.setdefault(child.attributes.get("ac:name", "").lower(), text_of(child).strip())
    return found


def _named(title: str) -> Node:
    return Element("p", {}, [Element("b", {}, [title])])


def _listing(title: str, language: str, text: str) -> list[Node]:
    head = [_named(title)] if title else []
    kept = {"class": f"language-{language.lower()}"} if language and " " not in language else {}
    return [*head, Element("pre", kept, [text])]


def _file(macro: Element) -> list[Node]:
    """A file that is shown in the page, as a link to it."""
    names = [
        each.attributes["ri:filename"]
        for child in macro.children
        if isinstance(child, Element)
        for each in child.children
        if isinstance(each, Element) and each.attributes.get("ri:filename")
    ]
    return [Element("a", {"href": f"attachments/{name}"}, [name]) for name in names]
