"""The child process that parses long texts; its parent is `parse_process`.

A question is JSON: what to do, the file's format and name, its text. The answer is a pickle: the document,
the Markdown, the parts or the `Pasted` that was asked for, and else what is wrong with the text.
"""

from __future__ import annotations

import base64
import json
import os
import pickle

from postmortems import child_processes
from postmortems.document.markdown import parser
from postmortems.document.readers import formats
from postmortems.document.readers.rich_text import clipboard
from postmortems.errors import Invalid

MEMORY = 512 * 1024 * 1024
# Whoever waits for the gate comes first.
NICE = 5


def answer(question: bytes) -> bytes | None:
    """`(value, None)` or `(None, problems)`; None where memory or depth does not suffice."""
    act, as_format, name, text = json.loads(question)
    # Whether there is too much in it was asked before it was sent.
    try:
        return pickle.dumps((_value(act, as_format, name, text), None))
    except Invalid as refusal:
        return pickle.dumps((None, refusal.problems))
    except (RecursionError, MemoryError):
        return None


def _value(act: str, as_format: str, name: str, text: str) -> object:
    if act == "parse":
        return parser.parse(text, is_stored=True)
    if act == "clipboard":
        return clipboard.read(text)
    its = next(each for each in formats.FORMATS if each.name == as_format)
    if act == "decode" and its.decode:
        return its.decode(base64.b64decode(text))
    if act == "split" and its.split:
        return list(its.split(name, text))
    return its.to_markdown(text)


if __name__ == "__main__":
    os.nice(NICE)
    child_processes.serve(answer, MEMORY)
