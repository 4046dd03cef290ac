"""Pictures beside a report: found by its links, stored as attachments, or told why they are not.

A link is followed into the folder, zip or repository that the report came from and nowhere else. Files other
than pictures are taken from a folder `attachments` alone, as an export writes it.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from postmortems import limits
from postmortems.actor import Actor
from postmortems.db import session as db
from postmortems.document.lint.warnings import Warned
from postmortems.document.readers import formats
from postmortems.document.readers import registry as readers_registry
from postmortems.errors import Invalid, Refusal
from postmortems.exchange.exports.layouts import FOLDER
from postmortems.exchange.imports.files import Beside, ImportFile, Stored, why_unsafe
from postmortems.incidents.attachments import file_types, image_process, links, operations

# Reads the file at a path; None where there is none. Raises `Refusal` with why it is not read.
Fetch = Callable[[str], bytes | None]
MOST, MOST_BYTES = 200, 64 * limits.MB
HELD_IN = ("word/media/", "Pictures/")
NOT_SHOWN = "a picture of a kind that browsers do not show; put it in as PNG"
MISSING = "the picture is not in what was imported; the link stays as it is"


def gathered(file: ImportFile, fetch: Fetch) -> ImportFile:
    """The report with the files that it links to. Raises nothing: what cannot be taken says so itself."""
    is_data = formats.ending_of(file.name) in formats.DATA_ENDINGS
    if file.trouble or not file.content or is_data or formats.is_packed(file.name, file.format):
        return file
    try:
        text = readers_registry.text_of(file.name, file.content, as_format=file.format)
        its = readers_registry.format_of(file.name, text, file.format)
        its.check(text, file.name)
        written = readers_registry.to_markdown(file.name, text, file.format)
    except Invalid:
        # It says so itself where it is read.
        return file
    if its is formats.MARKDOWN:
        return _taken(file, text, file.name, fetch)
    # Of a page only what its body shows is the report's, not the icons around it.
    found = _taken(file, written, file.name, fetch).beside
    return replace(file, beside=tuple(replace(one, line=_line(text, one.link)) for one in found))


def _line(text: str, link: str) -> int:
    return text.count("\n", 0, max(0, text.find(posixpath.basename(link)))) + 1


def within(file: ImportFile) -> ImportFile:
    """The report with the pictures that its own file holds, where it is one that does."""
    text = readers_registry.text_of(file.name, file.content, as_format=file.format)
    its = formats.format_of(file.name, text, file.format)
    if its is None or its.picture is None:
        return file
    picture = its.picture
    if its.decode is None:
        return _in_text(file, its.to_markdown(text), picture)

    def fetch(path: str) -> bytes | None:
        if not path.startswith(HELD_IN) or _is_picture(path):
            return picture(file.content, path)
        raise Refusal(NOT_SHOWN)

    return _taken(file, text, "", fetch)


def _in_text(file: ImportFile, markdown: str, picture: Callable[[bytes, str], bytes | None]) -> ImportFile:
    """The report with the pictures whose bytes stand in its own text."""
    held = [
        Beside(link, line, found)
        for link, line in _linked(markdown)
        if (found := picture(file.content, link))
    ]
    links_held = {one.link for one in held}
    others = [one for one in file.beside if one.link not in links_held]
    return replace(file, beside=(*others, *held[:MOST]))


def _taken(file: ImportFile, text: str, name: str, fetch: Fetch) -> ImportFile:
    found: list[Beside] = []
    left = MOST_BYTES
    for link, line in _linked(text):
        one = _one(name, link, line, fetch)
        if one is None:
            continue
        left -= len(one.content)
        if len(found) == MOST or left < 0:
            found.append(Beside(link, line, trouble="a report with more or larger pictures than are taken"))
            break
        found.append(one)
    return replace(file, beside=tuple(found))


def _linked(text: str) -> Iterator[tuple[str, int]]:
    """Each link to a file that may be taken, with its first line."""
    seen = set()
    for match in links.TARGET.finditer(text):
        link = links.key(match[2].strip("<>"))
        if link and not link.startswith(links.PATH) and link not in seen and _is_taken(link):
            seen.add(link)
            yield link, text.count("\n", 0, match.start()) + 1


def _is_picture(link: str) -> bool:
    return "." in link and link.rpartition(".")[2].lower() in file_types.PICTURE_NAMES


def _is_taken(link: str) -> bool:
    return _is_picture(link) or FOLDER in link.split("/")[:-1] or link.startswith(HELD_IN)


def _one(name: str, link: str, line: int, fetch: Fetch) -> Beside | None:
    path = posixpath.normpath(posixpath.join(posixpath.dirname(name), link))
    if unsafe := why_unsafe(path):
        return Beside(link, line, trouble=unsafe)
    if any(part.startswith(".") for part in path.split("/")):
        return Beside(link, line, trouble="hidden files are not taken")
    try:
        content = fetch(path)
    except Refusal as refusal:
        return Beside(link, line, trouble=refusal.detail)
    if content is None:
        return Beside(link, line, trouble=MISSING) if _is_picture(link) else None
    return Beside(link, line, content)


def stored(file: ImportFile, actor: Actor) -> ImportFile:
    """The report with its files stored, each in a unit of its own; what is not taken becomes a warning."""
    if not file.beside:
        return file
    attached: dict[str, str] = {}
    missing = [*file.stored.missing]
    for one in file.beside:
        try:
            if one.trouble:
                raise Refusal(one.trouble)
            attached[one.link] = _add(one, actor)
        except Refusal as refusal:
            missing.append(Warned("picture", one.link, refusal.detail, one.line))
    return replace(file, beside=(), stored=Stored({**file.stored.attached, **attached}, tuple(missing)))


def troubles(files: Iterable[Beside]) -> tuple[Warned, ...]:
    """What would not be taken, for an import that stores nothing."""
    return tuple(Warned("picture", one.link, one.trouble, one.line) for one in files if one.trouble)


def _add(one: Beside, actor: Actor) -> str:
    name = posixpath.basename(one.link)
    operations.refuse_size(len(one.content), name)
    checked = image_process.checked(one.content, name, db.files().pixels)
    with db.transaction():
        return operations.add(checked, actor=actor, is_import=True).id
