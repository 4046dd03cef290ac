"""The Document: a postmortem as its author wrote it, the one value that every door reads and writes.

A `Document` knows no database and no web. It holds what people wrote and nothing that can be
worked out from it: the instants behind the times are read by `times.timeline_times`, the role of a section by
`section_roles`, an item's protection by the gate. That is why `==` answers "did anything change?".

Text is Markdown with `\n` line ends, without blank lines at either end. Empty text is `""`, never None.

By the `id` of a section or block, which the service gives, others speak of it. It is no part of what people
wrote, so `==` leaves it out and Markdown has none; `part_ids` carries it from one document to the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date as Date
from operator import is_

ENTRY_KINDS = ("trigger", "detection", "escalation", "change", "mitigation", "recovery", "note")
ITEM_KINDS = ("process", "technical", "documentation", "monitoring", "upstream", "other")
ITEM_STATUSES = ("proposed", "open", "in_progress", "done", "wont_do")
PRIORITIES = ("P0", "P1", "P2", "P3")
GUARDABILITIES = ("enforceable", "attestable", "not_guardable")
SEVERITIES = ("SEV1", "SEV2", "SEV3", "SEV4")
DOCUMENT_STATUSES = ("draft", "published")


@dataclass(frozen=True, slots=True)
class Prose:
    """Markdown that stands between the structured parts and stays where it stood."""

    text: str
    id: str = field(default="", compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a timeline. Its place in the section is the order; `written` is the time as written."""

    written: str
    text: str = ""
    title: str = ""
    kind: str = ""
    id: str = field(default="", compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Category:
    """A heading over action items, the author's own word ("Process", "Upstream: KubeSpawner")."""

    heading: str
    id: str = field(default="", compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Item:
    """An action item: what will be changed, and what people say about it.

    `id` is `AI-<n>` once the service has given it one. `guards` are the slugs of guards, each as
    written, so an export's remark in brackets survives: `staging-online (soft, enforced)`.
    `blocked_by` are ids of items that this one waits for. They are kept beside documents, for they change
    without a version: an export puts them in, a save takes them up.
    """

    text: str
    id: str = ""
    kind: str = ""
    owner: str = ""
    team: str = ""
    due: Date | None = None
    priority: str = ""
    status: str = ""
    reason: str = ""
    done_when: str = ""
    guardability: str = ""
    outcome: str = ""
    evidence: str = ""
    tickets: tuple[str, ...] = ()
    guards: tuple[str, ...] = ()
    blocked_by: tuple[str, ...] = ()


Block = Prose | Entry | Category | Item


@dataclass(frozen=True, slots=True)
class Section:
    """A titled part of the postmortem. Only the first of a document may lack a heading: its lead."""

    heading: str
    blocks: tuple[Block, ...] = ()
    id: str = field(default="", compare=False, kw_only=True)

    @property
    def entries(self) -> tuple[Entry, ...]:
        return tuple([block for block in self.blocks if isinstance(block, Entry)])

    @property
    def items(self) -> tuple[Item, ...]:
        return tuple([block for block in self.blocks if isinstance(block, Item)])


def _with_items(section: Section, change: Callable[[Item], Item]) -> Section:
    """The section with its items changed; itself where none is another than it was."""
    blocks = [change(block) if isinstance(block, Item) else block for block in section.blocks]
    return section if all(map(is_, section.blocks, blocks)) else replace(section, blocks=tuple(blocks))


@dataclass(frozen=True, slots=True)
class Document:
    """A whole postmortem.

    `heading` is the first-level heading that stands beside a title in the front matter, often the same words.
    `services` name what the incident hit: `data8`, or one target of it, `data8/prod`. `recurrence_of` is the
    slug of an earlier incident that this one repeats.
    `restricted` names the accounts that alone may see it; nobody is kept out where it is empty.
    `extra` holds the front matter's other keys in their order, each with its YAML (or TOML) as written.
    """

    title: str = ""
    date: Date | None = None
    timezone: str = ""
    severity: str = ""
    status: str = ""
    recurrence_of: str = ""
    services: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    restricted: tuple[str, ...] = ()
    extra: tuple[tuple[str, str], ...] = ()
    heading: str = ""
    sections: tuple[Section, ...] = ()

    @property
    def entries(self) -> tuple[Entry, ...]:
        return tuple(
            [block for section in self.sections for block in section.blocks if isinstance(block, Entry)]
        )

    @property
    def items(self) -> tuple[Item, ...]:
        return tuple(
            [block for section in self.sections for block in section.blocks if isinstance(block, Item)]
        )

    def with_items(self, change: Callable[[Item], Item]) -> Document:
        """The document with every action item changed, in order; itself where none is another than it was."""
        sections = tuple([_with_items(section, change) for section in self.sections])
        return self if all(map(is_, self.sections, sections)) else replace(self, sections=sections)

    def placed_items(self) -> Iterator[tuple[str, Item]]:
        """Each action item with its JSON pointer, in order."""
        for number, section in enumerate(self.sections):
            for place, block in enumerate(section.blocks):
                if isinstance(block, Item):
                    yield f"/sections/{number}/blocks/{place}", block

    def categorised(self) -> Iterator[tuple[str, Item]]:
        """Each item with the category heading it stands under, `""` for none."""
        for section in self.sections:
            category = ""
            for block in section.blocks:
                if isinstance(block, Category):
                    category = block.heading
                elif isinstance(block, Item):
                    yield category, block
