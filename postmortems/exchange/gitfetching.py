"""The tip of a branch of a git repository: brought here without its history, or read where it lies.

The pack that is sent is counted while it comes and weighed before it is opened.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from dulwich.client import FetchPackResult
from dulwich.object_store import BaseObjectStore
from dulwich.objects import Commit, ObjectID
from dulwich.refs import HEADREF, Ref
from dulwich.repo import Repo

from postmortems import limits as taken
from postmortems.db import session as db
from postmortems.egress.client import Egress
from postmortems.errors import Refusal
from postmortems.exchange.git import address as git_address
from postmortems.exchange.git import pack_limits, transport
from postmortems.exchange.git.address import FOLDER, Address
from postmortems.exchange.git.pack_limits import Limits

HEADS = b"refs/heads/"
MOST_NAMED = 10
# A branch for a repository that has none yet.
FIRST_BRANCH = "main"


@dataclass(frozen=True, slots=True)
class Tip:
    """The newest commit of a branch; None in a repository that is still empty."""

    address: Address
    branch: str
    commit: Commit | None
    store: BaseObjectStore
    limits: Limits
    deadline: float

    @property
    def id(self) -> str:
        return self.commit.id.decode() if self.commit else ""


@contextmanager
def opened(
    address: Address, branch: str = "", *, way_out: Egress, secret: str = "", limits: Limits = Limits()
) -> Iterator[Tip]:
    """The tip of a branch, by default of the one that the repository itself names, as long as it is read."""
    if db.is_open():
        raise RuntimeError("a repository read inside a unit of work would hold the database meanwhile")
    wanted, deadline = git_address.branch_name(branch), time.monotonic() + limits.seconds
    if address.kind == FOLDER:
        with transport.told(address):
            repo = Repo(address.path)
        with repo:
            yield _tip(address, repo, wanted, repo.refs.as_dict(), limits, deadline)
        return
    with tempfile.TemporaryDirectory(prefix="postmortems-git-") as folder:
        with transport.told(address):
            copy = Repo.init_bare(folder)
            refs = _fetched(copy, address, wanted, way_out, secret, limits, deadline)
        with copy:
            yield _tip(address, copy, wanted, refs, limits, deadline)


def _fetched(
    copy: Repo,
    address: Address,
    branch: str,
    way_out: Egress,
    secret: str,
    limits: Limits,
    deadline: float,
) -> Mapping[Ref, ObjectID]:
    """Bring the commit at the tip into `copy`, without those before it; returns the branches there are."""
    server = transport.client(
        address, way_out=way_out, deadline=deadline, secret=secret, most_bytes=limits.packed
    )
    with tempfile.TemporaryFile() as pack:
        counter = _Counter(pack, limits, deadline)
        result = server.fetch_pack(
            address.path,
            lambda refs, depth=None: _wants(refs, branch),
            copy.get_graph_walker(),
            counter.write,
            depth=1,
            ref_prefix=[HEADREF, HEADS],
        )
        _refuse_unread(result)
        if counter.size:
            _keep(copy, pack, limits)
    return _with_head(result)


def _refuse_unread(result: FetchPackResult) -> None:
    if result.object_format not in {None, "sha1"}:
        raise Refusal("it names its objects by SHA-256, which is not read yet")


def _keep(copy: Repo, pack: BinaryIO, limits: Limits) -> None:
    pack_limits.weigh(pack, limits)
    pack.seek(0)
    into, keep, drop = copy.object_store.add_pack()
    try:
        while part := pack.read(taken.MB):
            into.write(part)
    except BaseException:
        drop()
        raise
    keep()


@dataclass(slots=True)
class _Counter:
    """Takes what is sent, as long as it is neither too much nor too late."""

    file: BinaryIO
    limits: Limits
    deadline: float
    size: int = 0

    def write(self, part: bytes) -> int:
        self.size += len(part)
        if self.size > self.limits.packed:
            raise Refusal(f"the repository is larger than {taken.in_mb(self.limits.packed)}")
        refuse_late(self.deadline)
        return self.file.write(part)


def refuse_late(deadline: float) -> None:
    """Raise once the time is over."""
    if time.monotonic() > deadline:
        raise Refusal("the repository took too long")


def _wants(refs: Mapping[Ref, ObjectID], branch: str) -> list[ObjectID]:
    ref = Ref(HEADS + branch.encode()) if branch else HEADREF
    found = refs.get(ref)
    return [found] if found else []


def _with_head(result: FetchPackResult) -> Mapping[Ref, ObjectID]:
    """The branches, the one that the repository itself names first."""
    refs = {ref: sha for ref, sha in result.refs.items() if sha is not None}
    named = result.symrefs.get(HEADREF)
    first = {named: refs[named]} if named in refs else {}
    return {**first, **refs}


def _tip(
    address: Address,
    repo: Repo,
    branch: str,
    refs: Mapping[Ref, ObjectID],
    limits: Limits,
    deadline: float,
) -> Tip:
    branches = {ref.removeprefix(HEADS): sha for ref, sha in refs.items() if ref.startswith(HEADS)}
    if not branches:
        return Tip(address, branch or FIRST_BRANCH, None, repo.object_store, limits, deadline)
    name = branch.encode() or _default(repo, address, branches, refs.get(HEADREF))
    if name not in branches:
        there = ", ".join(each.decode("utf-8", "replace") for each in list(branches)[:MOST_NAMED])
        raise Refusal(f"{address.text}: there is no branch {name.decode('utf-8', 'replace')}; it has {there}")
    with transport.told(address):
        found = repo.object_store[branches[name]]
        if not isinstance(found, Commit):
            raise Refusal("its branch leads to no commit")
    return Tip(address, name.decode("utf-8", "replace"), found, repo.object_store, limits, deadline)


def _default(
    repo: Repo, address: Address, branches: Mapping[bytes, ObjectID], head: ObjectID | None
) -> bytes:
    """The branch to take where none was named."""
    if address.kind == FOLDER:
        chain, _ = repo.refs.follow(HEADREF)
        named = chain[-1].removeprefix(HEADS) if chain else b""
    else:
        named = next((name for name, sha in branches.items() if sha == head), b"")
    return named if named in branches else next(iter(branches))
