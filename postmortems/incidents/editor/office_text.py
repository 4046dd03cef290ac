"""A document of a word processor that somebody puts into a text: its Markdown, its pictures attached."""

from __future__ import annotations

import io
import posixpath
from dataclasses import dataclass

from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.document.markdown import front_matter
from postmortems.document.readers import formats
from postmortems.document.readers import registry as readers_registry
from postmortems.document.readers.office import files as office
from postmortems.document.text import joined, lines_of
from postmortems.errors import Invalid, Refusal
from postmortems.incidents.attachments import links, uploaded


@dataclass(frozen=True, slots=True)
class OfficeText:
    """`told` is what the writer should know: comments, accepted changes, pictures that were not taken."""

    markdown: str
    told: tuple[str, ...]


def read(data: bytes, name: str, *, actor: Actor, slug: str = "") -> OfficeText:
    """The text of a file, its pictures stored for the incident of that slug. Raises `Invalid`, `Busy`."""
    permissions.require_anywhere(actor, "incident.save")
    as_format = formats.by_content(data)
    if not as_format:
        raise Invalid(f"{name}: {office.why_not(data) or 'this is no document of Word or OpenDocument'}")
    its = formats.NAMED[as_format]
    text = readers_registry.text_of(name, data, as_format=as_format)
    markdown = _body(its.to_markdown(text))
    told = [str(remark) for remark in its.remarks(text)]
    where: dict[str, str] = {}
    for link in dict.fromkeys(map(links.key, links.targets(markdown))):
        content = office.picture(data, link)
        if content is None:
            continue
        try:
            row = uploaded.take_in(io.BytesIO(content), posixpath.basename(link), actor=actor, slug=slug)
            where[link] = links.address(row.id, row.name)
        except Refusal as refusal:
            told.append(refusal.detail)
    return OfficeText(links.moved(markdown, where), tuple(told))


def _body(markdown: str) -> str:
    """The text without its front matter, which is no part of a section."""
    lines = lines_of(markdown)
    return joined(lines[front_matter.read(lines).lines :])
