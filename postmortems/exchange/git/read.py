"""Reads the files of a git repository at a branch's tip, one at a time, without a work tree.

Links and submodules are not followed; files, folders, bytes and the time are counted.
"""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial

from dulwich.objects import Blob, ObjectID, Tree

from postmortems import limits as taken
from postmortems.egress.client import Egress
from postmortems.errors import Refusal
from postmortems.exchange.git import address as git_address
from postmortems.exchange.git import transport
from postmortems.exchange.git.pack_limits import Limits
from postmortems.exchange.git.transport import Tip

DEEPEST, MOST_ENTRIES = 40, 500_000
SUBMODULE = 0o160000


@dataclass(frozen=True, slots=True)
class InGit:
    """A file of a repository. `name` is its path below the folder that is read; `trouble` keeps it out."""

    name: str
    content: bytes = b""
    trouble: str = ""
    blob: str = ""
    # Reads another file below the same folder, as long as the commit is open.
    fetch: Callable[[str], InGit | None] | None = field(default=None, compare=False)


def files(
    place: str,
    branch: str = "",
    *,
    wanted: Callable[[str], bool],
    way_out: Egress,
    folder: str = "",
    is_operator: bool = False,
    secret: str = "",
    limits: Limits = Limits(),
) -> Iterator[InGit]:
    """The files of a repository whose names, below `folder`, are `wanted`, in their order, one at a time.

    Raises `Invalid` for an address that is none, `Refusal` and `Unavailable` with what happened. Only an
    operator may name a folder of this machine, or an address over SSH.
    """
    address = git_address.read(place, is_operator=is_operator)
    with transport.opened(address, branch, way_out=way_out, secret=secret, limits=limits) as tip:
        if tip.commit is None:
            raise Refusal(f"{address.text}: the repository is empty")
        fetch = partial(one, tip, folder)
        yield from (replace(file, fetch=fetch) for file in below(tip, folder, wanted))


def one(tip: Tip, folder: str, name: str) -> InGit | None:
    """The file of that path below a folder of the commit; None where there is none."""
    path = f"{folder}/{name}" if folder else name
    inside, _, base = path.rpartition("/")
    with transport.told(tip.address):
        tree = _Walk(tip, lambda _name: True).folder(inside) if tip.commit else None
        if tree is None or base.encode() not in tree:
            return None
        mode, sha = tree[base.encode()]
    if stat.S_ISDIR(mode):
        return None
    trouble = _why_not(base.encode(), mode)
    return InGit(name, trouble=trouble) if trouble else filled(tip, InGit(name, blob=sha.decode()))


def below(tip: Tip, folder: str, wanted: Callable[[str], bool]) -> Iterator[InGit]:
    """The wanted files below a folder of the commit, in the order of their names."""
    size = 0
    for file in listed(tip, folder, wanted):
        whole = filled(tip, file)
        size += len(whole.content)
        if size > tip.limits.unpacked:
            raise Refusal(
                f"{tip.address.text}: holds more than {taken.in_mb(tip.limits.unpacked)} of reports"
            )
        yield whole


def filled(tip: Tip, file: InGit) -> InGit:
    """The file with its bytes."""
    if file.trouble:
        return file
    with transport.told(tip.address):
        blob = tip.store[ObjectID(file.blob.encode())]
    if not isinstance(blob, Blob):
        return replace(file, trouble="not a regular file")
    return replace(file, content=blob.data)


def listed(tip: Tip, folder: str, wanted: Callable[[str], bool]) -> Iterator[InGit]:
    """The wanted files below a folder, without their bytes."""
    if tip.commit is None:
        return
    walk = _Walk(tip, wanted)
    with transport.told(tip.address):
        top = walk.folder(folder)
    if top is None:
        return
    found = walk.inside(top, "", 0)
    while True:
        with transport.told(tip.address):
            file = next(found, None)
        if file is None:
            return
        yield file


@dataclass(slots=True)
class _Walk:
    """A way through the folders of a commit that ends, whatever they contain."""

    tip: Tip
    wanted: Callable[[str], bool]
    entries: int = 0
    files: int = 0

    def folder(self, path: str) -> Tree | None:
        """The folder of that path; None where there is none."""
        assert self.tip.commit is not None
        tree = self.tip.store[self.tip.commit.tree]
        for part in filter(None, path.split("/")):
            if not isinstance(tree, Tree) or part.encode() not in tree:
                return None
            mode, sha = tree[part.encode()]
            if not stat.S_ISDIR(mode):
                return None
            tree = self.tip.store[sha]
        return tree if isinstance(tree, Tree) else None

    def inside(self, tree: Tree, prefix: str, depth: int) -> Iterator[InGit]:
        if depth > DEEPEST:
            raise Refusal(f"its folders are nested more than {DEEPEST} deep")
        for entry in tree.iteritems(name_order=True):
            self.entries += 1
            if self.entries > MOST_ENTRIES:
                raise Refusal(f"it has more than {MOST_ENTRIES:,} files and folders")
            transport.refuse_late(self.tip.deadline)
            path, mode, sha = entry.path or b"", entry.mode or 0, entry.sha
            name = prefix + path.decode("utf-8", "replace")
            if stat.S_ISDIR(mode):
                inner = self.tip.store[sha]
                if isinstance(inner, Tree):
                    yield from self.inside(inner, f"{name}/", depth + 1)
            elif self.wanted(name) or mode == SUBMODULE:
                yield self._file(name, path, mode, sha)

    def _file(self, name: str, path: bytes, mode: int, sha: ObjectID) -> InGit:
        trouble = _why_not(path, mode)
        if trouble:
            return InGit(name, trouble=trouble)
        self.files += 1
        if self.files > self.tip.limits.files:
            raise Refusal(f"it holds more than {self.tip.limits.files:,} reports; name a folder of it")
        return InGit(name, blob=sha.decode())


def _why_not(path: bytes, mode: int) -> str:
    """What keeps an entry of a folder out."""
    if mode == SUBMODULE:
        return "another repository inside this one; it is not followed"
    if stat.S_ISLNK(mode):
        return "a link; links are not followed"
    if path in {b".", b"..", b""} or b"/" in path:
        return "its name leads out of the folder"
    try:
        path.decode()
    except UnicodeDecodeError:
        return "its name is not UTF-8"
    return ""
