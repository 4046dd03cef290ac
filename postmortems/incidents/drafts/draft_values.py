"""The values of a draft: as stored, as fields of the form, as a document, and as text to compare."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from postmortems.document.json_form import convert
from postmortems.document.markdown import parser
from postmortems.document.model import Document
from postmortems.errors import Invalid, Problem
from postmortems.incidents import rows
from postmortems.incidents.drafts.models import Draft
from postmortems.incidents.editor import form
from postmortems.incidents.editor.form import Values

# What was typed beside the document itself.
MESSAGE = "message"


def content(values: Values, message: str = "") -> str:
    """The values as they are stored."""
    return json.dumps(values | {MESSAGE: message}, ensure_ascii=False, separators=(",", ":"))


def fields(draft: Draft) -> tuple[Values, str]:
    """What the form shows of it, and what was said of the change."""
    stored = json.loads(draft.content)
    values = form.complete(stored)
    if "restricted" not in stored and draft.incident is not None:
        # Who could not say whom it is shown to has not said that it is for everybody.
        values["restricted"] = form.to_values(rows.to_document(draft.incident))["restricted"]
    return values, str(stored.get(MESSAGE, ""))


def of_document(document: Document) -> Values:
    """A whole document as the form's values."""
    return form.complete(form.to_values(document))


def document(values: Values) -> Document:
    """The document that these values make. Raises `Invalid` while they make none."""
    return convert.from_json(form.to_json(values)[0])


def markdown(values: Values) -> str:
    """The draft as canonical Markdown. Raises `Invalid` while it is half-filled."""
    return parser.write(document(values))


def as_json(values: Values) -> tuple[dict[str, Any], list[Problem]]:
    """The document as JSON and what is wrong with it; half-filled fields are as they were typed."""
    try:
        return convert.to_json(document(values)), []
    except Invalid as wrong:
        return form.to_json(values)[0], list(wrong.problems)


def pasted(values: Values) -> list[str]:
    """What stands in the boxes for pasting and has not been made into rows."""
    return [section["paste"] for section in values["sections"] if section["paste"].strip()]


def texts(before: Document, after: Values) -> tuple[str, str]:
    """Both as text to be compared: Markdown, or what stands in each field while there is no document yet."""
    paste = "".join(f"\n\n(not made into rows yet)\n\n{text}\n" for text in pasted(after))
    try:
        return parser.write(before), markdown(after) + paste
    except Invalid:
        return "\n".join(_lines(of_document(before))), "\n".join(_lines(after)) + paste


def _lines(values: Values) -> Iterator[str]:
    for name, value in values.items():
        if isinstance(value, str) and value and name != "template":
            yield f"{name}: {value}"
    for section in values["sections"]:
        yield f"\n## {section['heading']}"
        for block in section["blocks"]:
            yield ""
            yield from (
                f"{name}: {text}"
                for name, text in block.items()
                if name not in {"type", "named"} and isinstance(text, str) and text
            )
