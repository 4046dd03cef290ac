"""A template read from its Markdown, and how well it fits a severity and services. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from postmortems.document import text as texts
from postmortems.document.markdown import parser, section_roles
from postmortems.document.model import SEVERITIES, Document, Section
from postmortems.errors import Invalid, Problem
from postmortems.formats import strict_yaml
from postmortems.incidents.templates import prompts

LONGEST, LONGEST_NAME, MOST_SECTIONS, HIGHEST_ORDER = 50_000, 100, 50, 999
KEYS = ("name", "about", "severities", "services", "order")
UNSTORABLE = re.compile("[\0\ud800-\udfff]")
AT = "/markdown"
# Roles that a report has one section of, whatever it is called.
SINGLE = ("summary", "impact", "timeline", "action_items")


@dataclass(frozen=True, slots=True)
class TemplateSection:
    """A heading, what is asked under it, and what stands there already."""

    heading: str
    prompt: str
    section: Section


@dataclass(frozen=True, slots=True)
class Template:
    """`severities` and `services` that it is for, empty for all; of equals the smaller `order` is first."""

    name: str
    about: str
    severities: tuple[str, ...]
    services: tuple[str, ...]
    order: int
    sections: tuple[TemplateSection, ...]
    markdown: str
    slug: str = ""
    version: int = 0
    is_starter: bool = False
    is_changed: bool = field(default=False)

    @property
    def document(self) -> Document:
        """What a report begins with: no prompt is in it."""
        return Document(sections=tuple(each.section for each in self.sections))


def read(markdown: str) -> Template:
    """The template that a text says. Raises `Invalid` at `/markdown` for everything that is wrong with it."""
    text = markdown.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if len(text) > LONGEST:
        raise Invalid(f"longer than {LONGEST:,} characters", AT)
    if UNSTORABLE.search(text):
        raise Invalid("holds characters that are no text, such as NUL", AT)
    front, body = _parted(text)
    document = parser.parse(body)
    problems = [*_wrong_front(front), *_wrong_body(document)]
    # The reader would end it.
    problems += ["a prompt does not end: write --> behind it"] if prompts.is_open(body) else []
    if problems:
        raise Invalid([Problem(AT, detail) for detail in problems])
    return Template(
        name=texts.one_line(front["name"]),
        about=texts.one_line(front.get("about") or ""),
        severities=tuple(front.get("severities") or ()),
        services=tuple(front.get("services") or ()),
        order=front.get("order", 100),
        sections=tuple(_section(section) for section in document.sections),
        markdown=text.strip("\n") + "\n",
    )


def _parted(text: str) -> tuple[dict[str, Any], str]:
    lines = text.lstrip("\n").split("\n")
    end = next((n for n, line in enumerate(lines) if n and line.rstrip() == "---"), 0)
    if lines[0].rstrip() != "---" or not end:
        raise Invalid("begins with lines between --- and ---, of which one is `name: …`", AT)
    try:
        front = strict_yaml.read("\n".join(lines[1:end]))
    except Invalid as wrong:
        raise Invalid(
            [Problem(AT, f"between the lines ---: {each.detail}") for each in wrong.problems]
        ) from None
    if not isinstance(front, dict):
        raise Invalid("between the lines --- stand `name: …` and other keys, one a line", AT)
    return front, "\n".join(lines[end + 1 :])


def _wrong_front(front: dict[str, Any]) -> Iterable[str]:
    for key in front:
        if key not in KEYS:
            yield f"there is no key {str(key)[:40]!r}: {', '.join(KEYS)} are known"
    for key in ("name", "about"):
        value = front.get(key) if key in front else ""
        if not isinstance(value, str):
            yield f"{key} must be text: put it in quotes"
        elif len(value) > LONGEST_NAME * (1 if key == "name" else 3):
            yield f"{key} is too long"
        elif key == "name" and not value.strip():
            yield "name is missing: people choose a template by it"
    for key in ("severities", "services"):
        value = front.get(key)
        if value is not None and not (isinstance(value, list) and all(isinstance(one, str) for one in value)):
            yield f"{key} must be a list of words: [one, two]"
        elif key == "severities":
            strange = [one for one in value or () if one not in SEVERITIES]
            yield from (f"{one[:40]!r} is no severity: {', '.join(SEVERITIES)} are" for one in strange)
    order = front.get("order", 0)
    if not isinstance(order, int) or isinstance(order, bool) or not 0 <= order <= HIGHEST_ORDER:
        yield f"order must be a whole number from 0 to {HIGHEST_ORDER}"


def _wrong_body(document: Document) -> Iterable[str]:
    if document.title:
        yield "the title is its author's to write: sections begin with ##"
    headings = [key(section.heading) for section in document.sections]
    if not any(headings):
        yield "has no section: a line such as `## Summary` begins one"
    elif not all(headings):
        yield "has text before its first section, or a heading without words"
    if len(headings) > MOST_SECTIONS:
        yield f"has more than {MOST_SECTIONS} sections"
    for heading in sorted({each for each in headings if each and headings.count(each) > 1}):
        yield f"has two sections named {heading}"


def _section(section: Section) -> TemplateSection:
    asked = [said for block in section.blocks for said in prompts.split(getattr(block, "text", ""))[1]]
    bare = prompts.without(Document(sections=(section,))).sections[0]
    return TemplateSection(section.heading, " ".join(asked), replace(bare, id=""))


def key(heading: str) -> str:
    """A heading as headings are compared."""
    return section_roles.plain_name(heading).casefold()


def is_same(one: str, other: str) -> bool:
    """Whether two headings name the same part: by their words, or by a role that both are known to have."""
    if key(one) == key(other):
        return bool(key(one))
    role = section_roles.named(one)
    return role in SINGLE and role == section_roles.named(other)


def fits(template: Template, severity: str | None, services: Sequence[str] | None) -> bool:
    """Whether it is for such reports; what is None is not asked."""
    by_severity = severity is None or not template.severities or severity in template.severities
    return by_severity and (services is None or not template.services or _is_for(template, services))


def best_first(
    templates: Iterable[Template], severity: str | None, services: Sequence[str] | None
) -> list[Template]:
    """Those that name the service first, then those that name the severity, then by their order and name."""

    def rank(one: Template) -> tuple[bool, bool, bool, int, str]:
        is_named = bool(services) and _is_for(one, services or ())
        is_of_severity = bool(severity) and severity in one.severities
        return (not fits(one, severity, services), not is_named, not is_of_severity, one.order, one.name)

    return sorted(templates, key=rank)


def _is_for(template: Template, services: Sequence[str]) -> bool:
    return any(
        service == wanted or service.startswith(f"{wanted}/")
        for service in services
        for wanted in template.services
    )
