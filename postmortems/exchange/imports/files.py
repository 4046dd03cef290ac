"""Finds the documents to import in files, folders, zips and uploads, one at a time.

Nothing here follows a link or opens what is no regular file, so a folder from elsewhere shows no other file.
What cannot be taken is found too, with the reason: it never stops the others.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import IO

from postmortems import limits
from postmortems.document.lint.warnings import Warned
from postmortems.document.readers import formats
from postmortems.document.readers.wikis import foreign
from postmortems.errors import Refusal

# In a folder of reports these are about the folder, and text files are anything.
NOT_REPORTS = frozenset({"readme", "index", "contributing", "template"})
NOT_IN_FOLDERS = (".txt", ".text")
# Folders whose names begin like those that are made or hidden, and hold reports all the same.
KEPT_FOLDERS = frozenset({"_posts", "_drafts"})
LINK, NOT_REGULAR = "a link; links are not followed", "not a regular file"
UNREADABLE_NAME = "its name has characters that cannot be shown"
LONGEST_NAME, LONGEST_SHOWN = 1_000, 200
MOST_ENDINGS, LONGEST_ENDING, MOST_NAMED = 8, 30, 1_000
NO_READER = "of a kind that has no reader"
NO_ENDING = "its name has no ending; in a folder such are anything: name it to import it"
# Controls, line ends, marks that turn the direction round, and bytes that are in no encoding.
NOT_SHOWN = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Beside:
    """A file that a report has a link to, on that line; `trouble` says why it is not taken."""

    link: str
    line: int
    content: bytes = b""
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of the files beside a report: attachments' ids by link, and what was not taken."""

    attached: Mapping[str, str]
    missing: tuple[Warned, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportFile:
    """A document to import. `name` is what it is known by: its path below the folder, zip or repository.

    `trouble` says why it cannot be taken; `at` is where it stands for whoever gave it, by default the name.
    `beside` are files that it has links to, `stored` what became of them.
    """

    name: str
    content: bytes = b""
    trouble: str = ""
    at: str = ""
    beside: tuple[Beside, ...] = ()
    stored: Stored = Stored({})
    # The format that it was said to be of; "" where its ending and text tell.
    format: str = ""
    # Its id in the source that it comes from, such as `confluence:98310`: by it the file is known again.
    identity: str = ""
    # Whether it was looked into only because it may be a report; what it is not, is left out then.
    is_guess: bool = False

    @property
    def shown(self) -> str:
        return shown(self.at or self.name)


def shown(name: str) -> str:
    """A name as a line of a report can carry it, its end kept."""
    plain = NOT_SHOWN.sub("?", name)
    return plain if len(plain) <= LONGEST_SHOWN else f"…{plain[-LONGEST_SHOWN:]}"


def is_report(name: str) -> bool:
    """Whether a file below a folder, a zip or a repository is taken for a postmortem."""
    return not why_left(name) and not is_hidden(name)


def is_hidden(name: str) -> bool:
    """Whether a file below a folder is hidden, or made by a tool: of such nothing is said at all."""
    path = PurePosixPath(name)
    return any(part.startswith((".", "_")) for part in path.parts if part not in KEPT_FOLDERS)


def is_zip(name: str) -> bool:
    """Whether a file below a folder is a zip that is looked into."""
    return name.lower().endswith(".zip") and not is_hidden(name)


def why_left(name: str) -> str:
    """Why a file below a folder is not even looked into; "" for what may be a report."""
    base = PurePosixPath(name).name.lower()
    ending = formats.ending_of(base)
    if not ending:
        return foreign.told(base) or (NO_READER if PurePosixPath(base).suffix else NO_ENDING)
    if ending in NOT_IN_FOLDERS:
        return "a text file; in a folder such are anything: name it to import it"
    if base.removesuffix(ending) in NOT_REPORTS:
        return "about the folder, not a report"
    return ""


def most_of(name: str) -> int:
    """How many bytes of a file are read: one that may hold several reports may be larger than one."""
    if formats.is_packed(name):
        return limits.PACKED
    return limits.SEVERAL if formats.ending_of(name) in formats.DATA_ENDINGS else limits.REPORT


@dataclass(slots=True)
class Left:
    """The files that are no reports, by their endings, and the first of them with the reason.

    Hidden ones are not counted.
    """

    counts: Counter[str] = field(default_factory=Counter)
    taken: set[str] = field(default_factory=set)
    # Why each was left, by its name; the first `MOST_NAMED`.
    reasons: dict[str, str] = field(default_factory=dict)

    def wants(self, name: str) -> bool:
        """Whether the file is taken for a report; one that is not is counted."""
        if is_hidden(name):
            return False
        if reason := why_left(name):
            self.leaves(name, reason)
        return not reason

    def leaves(self, name: str, reason: str) -> None:
        """Count a file that is not taken for a report."""
        self.counts[_kind(name)] += 1
        if len(self.reasons) < MOST_NAMED:
            self.reasons[name] = reason

    def takes(self, name: str) -> None:
        """Count a file no longer: a report brings it along."""
        if name not in self.taken:
            self.taken.add(name)
            self.counts[_kind(name)] -= 1
            self.reasons.pop(name, None)

    def unnamed(self) -> int:
        """How many more were left than are named."""
        return max(0, (+self.counts).total() - len(self.reasons))

    def named(self) -> list[dict[str, str]]:
        """`{"file", "reason"}` of the first `MOST_NAMED`, as one can show them."""
        return [{"file": shown(name), "reason": reason} for name, reason in self.reasons.items()]

    def __str__(self) -> str:
        """`4 files left out: 3 .xlsx, 1 .adoc`; "" where nothing was left."""
        left = +self.counts
        total = left.total()
        if not total:
            return ""
        most = left.most_common(MOST_ENDINGS)
        named = [f"{count:,} {ending}" for ending, count in most]
        if others := total - sum(count for _, count in most):
            named.append(f"{others:,} of other kinds")
        return f"{total:,} file{'' if total == 1 else 's'} left out: {', '.join(named)}"


def _kind(name: str) -> str:
    """What a file that is left is counted as: its ending, or its name where the ending is one of reports."""
    path = PurePosixPath(name)
    is_named = formats.ending_of(name) in formats.ENDINGS and path.suffix.lower() not in NOT_IN_FOLDERS
    return shown(path.name if is_named else path.suffix.lower())[-LONGEST_ENDING:] or "without an ending"


def why_unsafe(name: str) -> str:
    """What is wrong with a name that came from elsewhere; "" for one that stays below its folder."""
    if NOT_SHOWN.search(name):
        return UNREADABLE_NAME
    if "\\" in name or name.startswith("/") or ":" in name.partition("/")[0]:
        return "its name is no path below a folder"
    if ".." in name.split("/"):
        return "its name leads out of the folder"
    if len(name) > LONGEST_NAME:
        return f"its name is longer than {LONGEST_NAME:,} characters"
    return ""


def in_file(path: Path) -> ImportFile:
    """A file that was named. Raises nothing: what cannot be read is `trouble`."""
    return _read(path, path.name, follows=True)


def in_folder(folder: Path, left: Left) -> Iterator[ImportFile]:
    """The reports below a folder, in the order of their names; `left` counts the other files.

    Raises `Refusal` for more than are taken.
    """
    names = sorted(name for name in below_all(folder) if left.wants(name))
    if len(names) > limits.REPORTS:
        raise Refusal(f"{folder}: holds more than {limits.REPORTS:,} reports; import its folders one by one")
    for name in names:
        yield replace(_read(folder / name, name), is_guess=True)


def below(folder: Path, path: str) -> bytes | None:
    """A file by its path below a folder; None where there is none. No link is followed on the way there.

    Raises `Refusal` for what is no regular file.
    """
    file = opened_below(folder, path)
    if file is None:
        return None
    with file:
        return file.read(most_of(path) + 1)


def opened_below(folder: Path, path: str) -> IO[bytes] | None:
    """The same, open to be read: of a zip only what is needed is."""
    *folders, base = path.split("/")
    inside = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in folders:
            outer, handle = handle, os.open(part, inside | os.O_DIRECTORY, dir_fd=handle)
            os.close(outer)
        file = os.open(base, inside | os.O_NONBLOCK, dir_fd=handle)
    except FileNotFoundError:
        return None
    except OSError as error:
        is_link = error.errno in (errno.ELOOP, errno.ENOTDIR)
        raise Refusal(LINK if is_link else str(error.strerror)) from error
    finally:
        os.close(handle)
    if trouble := _why_not_read(os.fstat(file).st_mode):
        os.close(file)
        raise Refusal(trouble)
    return os.fdopen(file, "rb")


def below_all(folder: Path, prefix: str = "") -> Iterator[str]:
    """The names of all files below a folder, in order, but those in hidden ones; no linked folder is entered.

    Raises `Refusal` for a folder that cannot be read.
    """
    try:
        with os.scandir(folder) as entries:
            inside = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        raise Refusal(f"{folder}: {error.strerror}") from error
    for entry in inside:
        name = f"{prefix}{entry.name}"
        if not entry.is_dir(follow_symlinks=False):
            yield name
        elif entry.name in KEPT_FOLDERS or not entry.name.startswith((".", "_")):
            yield from below_all(folder / entry.name, f"{name}/")


def _read(path: Path, name: str, *, follows: bool = False) -> ImportFile:
    """The bytes of a regular file. Opening waits for nobody at the other end of a pipe."""
    if NOT_SHOWN.search(name):
        return ImportFile(name, trouble=UNREADABLE_NAME, at=str(path))
    content, trouble = b"", ""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | (0 if follows else os.O_NOFOLLOW))
        try:
            trouble = _why_not_read(os.fstat(handle).st_mode)
            if not trouble:
                with os.fdopen(os.dup(handle), "rb") as file:
                    content = file.read(most_of(name) + 1)
        finally:
            os.close(handle)
    except OSError as error:
        is_link = not follows and path.is_symlink()
        trouble = LINK if is_link else str(error.strerror)
    return ImportFile(name, content, trouble, str(path))


def _why_not_read(mode: int) -> str:
    if stat.S_ISDIR(mode):
        return "a folder, not a file"
    return "" if stat.S_ISREG(mode) else NOT_REGULAR


def below_their_folder(names: Iterable[str]) -> int:
    """How much to take off each name where all stand below one folder, as in a zip of a folder."""
    firsts = {name.partition("/")[0] if "/" in name else "" for name in names}
    [first] = firsts if len(firsts) == 1 else {""}
    return len(first) + 1 if first and first not in KEPT_FOLDERS else 0
