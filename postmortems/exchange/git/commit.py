"""Makes commits on a branch without a work tree, and pushes them unless somebody was faster.

The same edits on the same commit give the same commits, to the byte: what is pushed twice is pushed once.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from dulwich.objects import Blob, Commit, ObjectID, ShaFile, Tree
from dulwich.pack import UnpackedObject, pack_objects_to_data
from dulwich.porcelain import reset, status
from dulwich.refs import HEADREF, Ref
from dulwich.repo import Repo

from postmortems.egress.client import Egress
from postmortems.errors import Refusal
from postmortems.exchange.git import transport
from postmortems.exchange.git.address import FOLDER
from postmortems.exchange.git.transport import HEADS, Tip

FILE, FOLDER_MODE = 0o100644, 0o040000
LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class Person:
    """Author or committer of a commit."""

    name: str
    mail: str

    def line(self) -> bytes:
        kept = [part.translate(dict.fromkeys(map(ord, "<>\n\r\0"), "")) for part in (self.name, self.mail)]
        return f"{kept[0].strip() or 'nobody'} <{kept[1].strip()}>".encode()


@dataclass(frozen=True, slots=True)
class Edit:
    """One commit: a file's new bytes, and who edited it when. `removes` is a file whose place it takes.

    `beside` are other files that come with it, their paths and bytes.
    """

    path: str
    content: bytes
    author: Person
    at: datetime
    message: str
    removes: str = ""
    beside: tuple[tuple[str, bytes], ...] = ()


def blob_id(content: bytes) -> str:
    """The id of these bytes as a git blob."""
    return Blob.from_string(content).id.decode()


@dataclass(slots=True)
class Branch:
    """A branch as it grows: the commits that are added to it, and what they are made of."""

    tip: Tip
    committer: Person
    fresh: dict[ObjectID, ShaFile] = field(default_factory=dict)
    head: ObjectID | None = None
    tree: ObjectID | None = None

    def __post_init__(self) -> None:
        if self.tip.commit is not None:
            self.head, self.tree = self.tip.commit.id, self.tip.commit.tree

    def grow(self, edit: Edit) -> None:
        """Add a commit with one edit."""
        blob = self._add(Blob.from_string(edit.content))
        tree = self._with(self._folder(self.tree), edit.path.split("/"), blob)
        for path, content in edit.beside:
            tree = self._with(tree, path.split("/"), self._add(Blob.from_string(content)))
        if edit.removes:
            tree = self._with(tree, edit.removes.split("/"), None)
        self.tree = self._add(tree)
        made = Commit()
        made.tree, made.parents = self.tree, [self.head] if self.head else []
        made.author, made.committer = edit.author.line(), self.committer.line()
        made.author_time = made.commit_time = int(edit.at.timestamp())
        made.author_timezone = made.commit_timezone = 0
        made.encoding, made.message = b"UTF-8", edit.message.encode("utf-8", "replace")
        self.head = self._add(made)

    def _add(self, thing: ShaFile) -> ObjectID:
        self.fresh[thing.id] = thing
        return thing.id

    def _folder(self, sha: ObjectID | None) -> Tree:
        if sha is None:
            return Tree()
        found = self.fresh.get(sha) or self.tip.store[sha]
        if not isinstance(found, Tree):
            raise Refusal("a file stands where a folder is needed")
        return cast(Tree, found.copy())

    def _with(self, tree: Tree, parts: Sequence[str], blob: ObjectID | None) -> Tree:
        """The folder with the file of that path set, or taken out."""
        name = parts[0].encode()
        mode, sha = None, None
        if name in tree:
            mode, sha = tree[name]
        if len(parts) > 1:
            if mode is not None and not stat.S_ISDIR(mode):
                raise Refusal(f"{parts[0]} is a file there, and a folder here")
            inner = self._with(self._folder(sha), parts[1:], blob)
            if len(inner):
                tree[name] = (FOLDER_MODE, self._add(inner))
            elif name in tree:
                del tree[name]
        elif blob is not None:
            if mode is not None and not stat.S_ISREG(mode):
                raise Refusal(f"{parts[0]} is no regular file there")
            tree[name] = (mode or FILE, blob)
        elif name in tree:
            del tree[name]
        return tree


def push(branch: Branch, *, way_out: Egress, secret: str = "") -> bool:
    """Send what was added; False where the branch has moved meanwhile, and nothing was changed.

    Raises `Refusal` with the reason where the other side does not take it.
    """
    with transport.told(branch.tip.address):
        if branch.tip.address.kind == FOLDER:
            return _into_folder(branch)
        return _to_server(branch, way_out, secret)


def _to_server(branch: Branch, way_out: Egress, secret: str) -> bool:
    tip, ref, has_moved = branch.tip, Ref(HEADS + branch.tip.branch.encode()), False
    before, after = (tip.commit.id if tip.commit else None), branch.head
    assert after is not None
    server = transport.client(
        tip.address, way_out=way_out, deadline=tip.deadline, secret=secret, most_bytes=tip.limits.packed
    )

    def updated(refs: Mapping[Ref, ObjectID]) -> dict[Ref, ObjectID]:
        nonlocal has_moved
        has_moved = refs.get(ref) != before
        return {} if has_moved else {ref: after}

    def packed(*_: object, **__: object) -> tuple[int, Iterator[UnpackedObject]]:
        return pack_objects_to_data(list(branch.fresh.values()))

    result = server.send_pack(tip.address.path.encode(), updated, packed)
    reason = (result.ref_status or {}).get(ref)
    if not reason:
        return not has_moved
    if any(sign in reason for sign in ("fetch first", "non-fast-forward", "failed to update ref", "lock")):
        return False
    raise Refusal(f"the push was refused: {reason[:LONGEST_REASON]}")


def _into_folder(branch: Branch) -> bool:
    tip, ref = branch.tip, Ref(HEADS + branch.tip.branch.encode())
    assert branch.head is not None
    with Repo(tip.address.path) as repo:
        is_out = _is_checked_out(repo, ref)
        if is_out and _is_dirty(repo):
            raise Refusal("the folder has changes that are not committed; commit them first")
        repo.object_store.add_objects([(thing, None) for thing in branch.fresh.values()])
        if tip.commit is None:
            is_set = repo.refs.add_if_new(ref, branch.head)
        else:
            is_set = repo.refs.set_if_equals(ref, tip.commit.id, branch.head)
        if is_set and is_out:
            reset(repo, "hard")
    return is_set


def _is_checked_out(repo: Repo, ref: Ref) -> bool:
    if repo.bare:
        return False
    chain, _ = repo.refs.follow(HEADREF)
    return ref in chain


def _is_dirty(repo: Repo) -> bool:
    found = status(repo, untracked_files="no")
    return bool(found.unstaged or any(found.staged.values()))
