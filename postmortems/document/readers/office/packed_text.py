"""The text of an office document as one string: Markdown, below a comment with what is told of the file."""

from __future__ import annotations

import json
import re

from postmortems.document.lint.warnings import Warned
from postmortems.document.readers.office import files
from postmortems.document.readers.office.read_text import Remark

TOLD = re.compile(r"<!-- told: (\[.*\]) -->\n")


def decoded(data: bytes) -> str:
    """The bytes of a file as text. Raises `Invalid`."""
    read = files.read(data)
    # Nothing in there may end the comment.
    told = json.dumps([(each.kind, each.words, each.text) for each in read.remarks]).replace(">", "\\u003e")
    return f"<!-- told: {told} -->\n{read.markdown}" if read.remarks else read.markdown


def to_markdown(text: str) -> str:
    """The text without what is told of the file."""
    return TOLD.sub("", text, count=1) if TOLD.match(text) else text


def remarks(text: str) -> tuple[Warned, ...]:
    """What is told of the file: changes that count as accepted, comments, what is not read."""
    told = TOLD.match(text)
    found = [Remark(*each) for each in json.loads(told[1])] if told else []
    return tuple(Warned("file", each.words, each.text, number=at) for at, each in enumerate(found, 1))
