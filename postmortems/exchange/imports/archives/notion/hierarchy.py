"""Which page or database stands below which in a Notion export, by folders; pure.

What is below `Title 0123….md` lies in the folder `Title 0123…`, or in `Title` in newer exports. A database is
`Name 0123….csv`, with `Name 0123…_all.csv` beside it, and may have a page of HTML of its own.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from postmortems.document.readers.notion import names


@dataclass(slots=True, eq=False)
class Place:
    """A page or a database in the export. `path` is its file, `all_rows` a database's other one."""

    path: str
    title: str
    id: str
    is_database: bool = False
    all_rows: str = ""
    # Other files that say the same: a database's page, a page in the other format.
    twins: list[str] = field(default_factory=list)
    parent: Place | None = None
    # Whether its folder is that of a page which is not there.
    is_lost: bool = False
    children: list[Place] = field(default_factory=list)

    @property
    def folder(self) -> str:
        return posixpath.dirname(self.path)


def is_download(paths: Iterable[str]) -> bool:
    """Whether these files look like an export: most of the pages and databases have an id in their name."""
    files = [path for path in paths if names.is_page(path) or names.is_database(path)]
    named = [path for path in files if names.id_in(path.rpartition("/")[2])]
    return bool(named) and 2 * len(named) >= len(files)


def places(paths: Iterable[str]) -> list[Place]:
    """The pages and databases of an export, each with what is below it, in the order of their paths."""
    found: dict[str, Place] = {}
    for path in sorted(paths, key=lambda path: (not names.is_database(path), path)):
        if names.is_page(path) or names.is_database(path):
            _add(found, path)
    by_folder: dict[str, Place] = {}
    for place in found.values():
        stem = names.ENDINGS.sub("", place.path)
        by_folder.setdefault(stem, place)
        by_folder.setdefault(posixpath.join(place.folder, place.title), place)
    for place in found.values():
        place.parent = _nearest(place, by_folder)
        if place.parent:
            place.parent.children.append(place)
        else:
            place.is_lost = any(map(names.id_in, place.folder.split("/")))
    return sorted(found.values(), key=lambda place: place.path)


def _nearest(place: Place, by_folder: Mapping[str, Place]) -> Place | None:
    """The place in whose folder another lies, however deep: what is between them may not be there."""
    folder = place.folder
    while folder:
        found = by_folder.get(folder)
        if found and found is not place:
            return found
        folder = posixpath.dirname(folder)
    return None


def _add(found: dict[str, Place], path: str) -> None:
    """Keep a file as a place, or as another file of one that is known."""
    name = path.rpartition("/")[2]
    identity, title = names.id_in(name), names.without_id(name)
    is_database = names.is_database(path)
    key = identity or names.ENDINGS.sub("", path).removesuffix(names.ALL_ROWS)
    known = found.get(key)
    if known is None:
        found[key] = Place(path, title.removesuffix(names.ALL_ROWS), identity, is_database)
        if is_database and names.is_all_rows(path):
            found[key].all_rows = path
    elif is_database and known.is_database and names.is_all_rows(path):
        known.all_rows = path
    elif is_database and known.is_database and known.path == known.all_rows:
        known.path = path
    else:
        known.twins.append(path)


def above(place: Place) -> list[Place]:
    """The places that a place stands below, the nearest first."""
    out: list[Place] = []
    each = place.parent
    while each is not None and each not in out:
        out.append(each)
        each = each.parent
    return out


def below(place: Place) -> list[Place]:
    """All that is below a place, each once, in the order of an outline."""
    out: list[Place] = []
    waiting = [*reversed(place.children)]
    seen = {id(place)}
    while waiting:
        each = waiting.pop()
        if id(each) not in seen:
            seen.add(id(each))
            out.append(each)
            waiting += reversed(each.children)
    return out


def without_linked(
    roots: list[Place], links: Callable[[Place], Sequence[str]], is_report: Callable[[Place], bool]
) -> list[Place]:
    """The roots without those that stand below a report by links: all pages may lie in one folder.

    A page that a report leads to belongs to it, and so does what that leads to, but no other report.
    """
    if len(roots) < 2 or any(root.children for root in roots):
        return roots
    by_path = {root.path: root for root in roots}
    taken = {root.path for root in roots if not root.is_database and is_report(root)}
    for root in [by_path[path] for path in sorted(taken)]:
        waiting = [root]
        while waiting:
            each = waiting.pop()
            for to in links(each):
                child = by_path.get(posixpath.normpath(posixpath.join(each.folder, to)))
                if child is not None and child.path not in taken:
                    taken.add(child.path)
                    child.parent = root
                    root.children.append(child)
                    waiting.append(child)
    return [root for root in roots if root.parent is None]
