"""Names in a Notion export: a page's title, and the 32 hex digits in it that are the page's identity."""

from __future__ import annotations

import re
from urllib.parse import unquote

HEX = r"[0-9a-f]{32}"
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
ID = re.compile(rf"(?<![0-9a-z])(?:{HEX}|{UUID})(?![0-9a-z])", re.IGNORECASE)
# Behind a database's name: all its rows, and not only those of the view on the page.
ALL_ROWS = "_all"
ENDINGS = re.compile(r"\.(?:md|markdown|html?|csv)$", re.IGNORECASE)
PAGE = re.compile(r"\.(?:md|markdown|html?)$", re.IGNORECASE)
DATABASE = re.compile(r"\.csv$", re.IGNORECASE)


def id_in(text: str) -> str:
    """The last id in a name or an address, as 32 hex digits; "" where there is none."""
    found = ID.findall(unquote(text).replace("_", " "))
    return found[-1].replace("-", "").lower() if found else ""


def identity(name: str) -> str:
    """What a page is known by whatever it is called: `notion:0123…`; "" where its file's name has no id."""
    found = id_in(name.rpartition("/")[2])
    return f"notion:{found}" if found else ""


def without_id(part: str) -> str:
    """A file's or folder's name without ending and id: the title, as far as Notion writes it in names."""
    bare = ENDINGS.sub("", unquote(part) if "%" in part else part)
    bare = bare.removesuffix(ALL_ROWS) if id_in(bare) else bare
    found = list(ID.finditer(bare.replace("_", " ")))
    if not found:
        return bare
    last = found[-1]
    return f"{bare[: last.start()].rstrip(' _-')}{bare[last.end() :]}".strip(" _-")


def plain_path(path: str) -> str:
    """A path whose parts have no ids: `Incidents 0123…/Down 4567….md` is `Incidents/Down.md`."""
    *folders, name = path.split("/")
    ending = ENDINGS.search(name)
    title = without_id(name) or "untitled"
    return "/".join(
        [*filter(None, map(without_id, folders)), title + (ending.group().lower() if ending else "")]
    )


def is_page(name: str) -> bool:
    return bool(PAGE.search(name))


def is_database(name: str) -> bool:
    return bool(DATABASE.search(name))


def is_all_rows(name: str) -> bool:
    """Whether a database's file has all its rows and columns: `Items 0123…_all.csv`."""
    return is_database(name) and ENDINGS.sub("", name).endswith(ALL_ROWS)
