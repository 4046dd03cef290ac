"""Reads Jira's XML export (RSS 0.92 with an element for each field) into the shape of its JSON.

Elements as the search page of Jira Server 7 to 9 and Cloud writes them; texts in it are rendered HTML.
"""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from typing import Any
from xml.parsers import expat

from postmortems.document.readers.issues import jira_text
from postmortems.document.readers.markup_tree import Element, text_of
from postmortems.document.text import one_line
from postmortems.errors import Invalid

IS_IT = re.compile(r"<rss\b[^>]*>.*?<item>.*?<key\b", re.DOTALL)
FIRST = 65_536
DEEPEST = 60
NOBODY = {"-1", "Unassigned", "Nicht zugewiesen", "Non attribué"}


def is_it(text: str) -> bool:
    """Whether a text is such an export: RSS whose items have keys."""
    return text.lstrip("\ufeff \t\r\n").startswith("<") and bool(IS_IT.search(text[:FIRST]))


def issues(text: str) -> list[dict[str, Any]]:
    """The issues of an export in the shape of REST. Raises `Invalid` with the line where it breaks off."""
    channel = _find(parsed(text), "rss", "channel")
    return [_issue(item) for item in _all(channel, "item")]


def parsed(text: str) -> Element:
    """An XML text as a tree of elements. Entities that it declares are refused: no export has any."""
    parser = expat.ParserCreate()
    root = Element("root")
    open_elements = [root]

    def start(tag: str, attributes: dict[str, str]) -> None:
        if len(open_elements) > DEEPEST:
            raise Invalid(
                f"{parser.CurrentLineNumber}: elements nested deeper than {DEEPEST}, as no export has"
            )
        element = Element(tag, attributes)
        open_elements[-1].children.append(element)
        open_elements.append(element)

    def declared(*_: object) -> None:
        raise Invalid(f"{parser.CurrentLineNumber}: the file declares entities, which no export does")

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda tag: open_elements.pop()
    parser.CharacterDataHandler = lambda data: open_elements[-1].children.append(data)
    parser.EntityDeclHandler = declared
    try:
        parser.Parse(
            re.sub(r"^(\ufeff?\s*<\?xml[^>]*?)\s+encoding=[\"'][^\"']*[\"']", r"\1", text).lstrip(
                "\ufeff \r\n\t"
            ),
            True,
        )
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code)
        raise Invalid(f"{error.lineno}: this is no whole XML: {reason}; download it again") from error
    return root


def _find(element: Element, *path: str) -> Element:
    """The first element at a path of tags; an empty one where there is none."""
    for tag in path:
        element = next(iter(_all(element, tag)), Element(tag))
    return element


def _all(element: Element, tag: str) -> list[Element]:
    return [child for child in element.children if isinstance(child, Element) and child.tag == tag]


def _text(element: Element, *path: str) -> str:
    return one_line(text_of(_find(element, *path)))


def _html(element: Element) -> dict[str, str]:
    return jira_text.rendered(text_of(element))


def _issue(item: Element) -> dict[str, Any]:
    key = _text(item, "key")
    link = _text(item, "link")
    labels = _find(item, "labels")
    fields: dict[str, Any] = {
        "summary": _text(item, "summary") or re.sub(r"^\[[^\]]*\]\s*", "", _text(item, "title")),
        "description": _html(_find(item, "description")),
        "environment": _html(_find(item, "environment")),
        "created": _instant(_text(item, "created")),
        "duedate": _instant(_text(item, "due"))[:10],
        "issuetype": {
            "name": _text(item, "type"),
            "subtask": bool(_all(item, "parent")) and _is_subtask(item),
        },
        "parent": {"key": _text(item, "parent")},
        "priority": {"name": _text(item, "priority")},
        "security": _text(item, "security"),
        "status": _status(item),
        "resolution": {"name": _text(item, "resolution")},
        "assignee": _person(item, "assignee"),
        "reporter": _person(item, "reporter"),
        "labels": [one_line(text_of(each)) for each in _all(labels, "label")]
        or _text(item, "labels").split(),
        "components": [{"name": one_line(text_of(each))} for each in _all(item, "component")],
        "comment": {"comments": [_comment(each) for each in _all(_find(item, "comments"), "comment")]},
        "subtasks": [_named(each) for each in _all(_find(item, "subtasks"), "subtask")],
        "issuelinks": _links(_find(item, "issuelinks")),
    }
    names, custom = _custom(_find(item, "customfields"))
    return {"key": key, "self": link if key in link else "", "names": names, "fields": {**fields, **custom}}


def _is_subtask(item: Element) -> bool:
    """A story has its epic for parent in Cloud; a sub-task says what it is."""
    return bool(re.search(r"sub-?task|unter-?aufgabe|sous-?t", _text(item, "type"), re.IGNORECASE))


def _instant(said: str) -> str:
    """RFC 822, as in RSS, as ISO 8601."""
    try:
        return parsedate_to_datetime(said).isoformat() if said else ""
    except (ValueError, TypeError, IndexError):
        return said


def _status(item: Element) -> dict[str, Any]:
    inner = _find(item, "status", "statusCategory").attributes or _find(item, "statusCategory").attributes
    return {"name": _text(item, "status"), "statusCategory": {"key": inner.get("key", "")}}


def _person(item: Element, tag: str) -> dict[str, str] | None:
    element = _find(item, tag)
    name = one_line(text_of(element))
    is_nobody = (
        name in NOBODY
        or element.attributes.get("username") == "-1"
        or element.attributes.get("accountid") == "-1"
    )
    return None if is_nobody or not name else {"displayName": name}


def _comment(element: Element) -> dict[str, Any]:
    attributes = element.attributes
    return {
        "author": {"displayName": attributes.get("author", "")},
        "created": _instant(attributes.get("created", "")),
        "body": _html(element),
    }


def _named(element: Element) -> dict[str, Any]:
    """A sub-task or linked issue, of which the export has the key alone."""
    key = one_line(text_of(element))
    return {"key": key, "fields": {"summary": key}}


def _links(element: Element) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for kind in _all(element, "issuelinktype"):
        for side, tag in (("outwardIssue", "outwardlinks"), ("inwardIssue", "inwardlinks")):
            for group in _all(kind, tag):
                for link in _all(group, "issuelink"):
                    issue = _named(_find(link, "issuekey"))
                    found.append({"type": {"name": _text(kind, "name")}, side: issue})
    return found


def _custom(element: Element) -> tuple[dict[str, str], dict[str, Any]]:
    """Fields of the site's own: what they are called, and the one value that a choice has."""
    names: dict[str, str] = {}
    values: dict[str, Any] = {}
    for each in _all(element, "customfield"):
        key = each.attributes.get("id", "")
        names[key] = _text(each, "customfieldname")
        held = _all(_find(each, "customfieldvalues"), "customfieldvalue")
        values[key] = {"value": one_line(text_of(held[0]))} if len(held) == 1 else None
    return names, {key: value for key, value in values.items() if key.startswith("customfield_")}
