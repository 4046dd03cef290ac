"""A format whose files hold records: how one is recognised, cut into reports, and read."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from postmortems.document.readers.records import json_text, record_markdown
from postmortems.document.readers.records.json_text import Raw
from postmortems.document.readers.records.record import Record
from postmortems.errors import Invalid

NO_NAME = re.compile(r"\W+")
LONGEST_NAME = 150


@dataclass(frozen=True, slots=True)
class Part:
    """One report of a file that holds many, as a text that the same format reads alone."""

    name: str
    identity: str
    content: str


@dataclass(frozen=True, slots=True)
class RecordFormat:
    """One tool's JSON. `raws` finds the records in a loaded value (none where it is another tool's).

    `words` are for people, `noun` is what one record is; without `hint` in it a text is none of these.
    """

    name: str
    words: str
    noun: str
    hint: str
    raws: Callable[[object], list[Raw]]
    record: Callable[[Raw], Record]

    def is_it(self, text: str) -> bool:
        """Whether a text is this tool's."""
        try:
            return looks_like_json(text) and self.hint in text and bool(self.raws(json_text.loaded(text)))
        except Invalid:
            return False

    def parts(self, text: str) -> Iterator[Part]:
        """Each record of a file by itself. Raises `Invalid` where there is none."""
        for raw in self._all(text):
            record = self.record(raw)
            name = name_of(record.identity or f"{self.name} {record.title}")
            yield Part(name, record.identity, json.dumps(raw, ensure_ascii=False, indent=1))

    def to_markdown(self, text: str) -> str:
        """A file with one record as Markdown. Raises `Invalid` where it holds none, or more than one."""
        raws = self._all(text)
        if len(raws) > 1:
            raise Invalid(
                f"1: this holds {len(raws):,} {self.noun}s; import takes each as a report of its own"
            )
        return record_markdown.markdown(self.record(raws[0]))

    def _all(self, text: str) -> list[Raw]:
        raws = self.raws(json_text.loaded(text))
        if not raws:
            raise Invalid(f"1: this holds no {self.noun} that can be read")
        return raws


def name_of(identity: str) -> str:
    """A file's name for a record: `github-acme-hub-12.json`."""
    said = NO_NAME.sub("-", identity.replace("https://", "")).strip("-_").lower()
    return f"{said[:LONGEST_NAME]}.json"


def looks_like_json(text: str) -> bool:
    """Whether a text begins as a JSON object or list does."""
    return text.lstrip("\ufeff \t\r\n")[:1] in ("{", "[")
