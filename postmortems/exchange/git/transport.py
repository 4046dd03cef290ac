"""Git transport: over HTTP through `egress`, over SSH with the operator's keys.

What the other side sends is hostile until parsed. Its redirects are not followed, it is asked for nothing
that it points at elsewhere, and a secret goes to the address it was given for and to no other.
"""

from __future__ import annotations

import base64
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from dulwich.client import AbstractHttpGitClient, FetchPackResult, GitClient, HTTPUnauthorized, SSHGitClient
from dulwich.errors import GitProtocolError, NotGitRepository
from dulwich.object_store import BaseObjectStore
from dulwich.objects import Commit, ObjectID
from dulwich.refs import HEADREF, Ref
from dulwich.repo import Repo

from postmortems import limits as taken
from postmortems.db import session as db
from postmortems.egress import client as egress
from postmortems.egress.client import Egress, StreamedResponse
from postmortems.errors import Refusal, Unavailable
from postmortems.exchange.git import address as git_address
from postmortems.exchange.git import pack_limits
from postmortems.exchange.git.address import FOLDER, HTTP, Address
from postmortems.exchange.git.pack_limits import Limits

# Large hosts answer only to what calls itself git.
AGENT = "git/2 postmortems/1"
SSH_COMMAND = "ssh -oBatchMode=yes -oConnectTimeout=10 -oServerAliveInterval=15 -oServerAliveCountMax=4"
# A token alone needs a name beside it; which one, no host minds.
TOKEN_NAME = "x-access-token"
LONGEST_REASON = 300
MOST_REFS_BYTES = 16 * 1024 * 1024


def client(
    address: Address, *, way_out: Egress, deadline: float, secret: str = "", most_bytes: int
) -> GitClient:
    """Who speaks for us with the server at `address`, until `deadline` (as `time.monotonic` tells it)."""
    if address.kind == HTTP:
        return _OverEgress(address.path, way_out, deadline, secret, most_bytes)
    return SSHGitClient(
        address.host,
        port=address.port,
        username=address.user or None,
        ssh_command=SSH_COMMAND,
        thin_packs=False,
    )


class _Response:
    """An answer in the shape that dulwich reads: exactly as many bytes as it asks for, until the end."""

    def __init__(self, coming: StreamedResponse, close: Callable[[], object], most_bytes: int) -> None:
        self.status, self.headers = coming.status, coming.headers
        self.content_type = coming.headers.get("content-type")
        self.redirect_location = ""
        self._chunks, self._left, self._close = coming.chunks, most_bytes, close
        self._waiting = bytearray()

    def read(self, amt: int | None = None) -> bytes:
        while amt is None or len(self._waiting) < amt:
            chunk = next(self._chunks, None)
            if chunk is None:
                break
            self._left -= len(chunk)
            if self._left < 0:
                raise Refusal("the repository sends more than is taken")
            self._waiting += chunk
        taken = bytes(self._waiting[:amt])
        del self._waiting[: len(taken)]
        return taken

    def geturl(self) -> str | None:
        return None

    def close(self) -> None:
        self._close()


class _OverEgress(AbstractHttpGitClient):
    """Git over HTTP in calls that the way out allows."""

    def __init__(self, url: str, way_out: Egress, deadline: float, secret: str, most_bytes: int) -> None:
        super().__init__(url, thin_packs=False)
        self._way_out, self._deadline, self._most_bytes = way_out, deadline, most_bytes
        self._authorization = _basic(secret) if secret else ""

    def _http_request(
        self,
        url: str,
        headers: dict[str, str] | None = None,
        data: bytes | Iterator[bytes] | None = None,
        raise_for_status: bool = True,
    ) -> tuple[_Response, Callable[[int], bytes]]:
        if not url.startswith(self._base_url):
            raise Refusal("the server sends us on to another address, which is not asked")
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise Refusal("the repository took too long")
        sent = {"User-Agent": AGENT, **(headers or {})}
        if self._authorization:
            sent["Authorization"] = self._authorization
        call = self._way_out.opened(
            url, method="GET" if data is None else "POST", headers=sent, content=data, timeout_s=left
        )
        most_bytes = MOST_REFS_BYTES if data is None else self._most_bytes
        response = _Response(call.__enter__(), lambda: call.__exit__(None, None, None), most_bytes)
        try:
            _refuse_other(response, url)
        except BaseException:
            response.close()
            raise
        return response, response.read


def _refuse_other(response: _Response, url: str) -> None:
    """Raise what any answer but a good one means."""
    status = response.status
    if 300 <= status < 400:
        to = response.headers.get("location", "")[:LONGEST_REASON]
        raise Refusal(f"the server sends us on to {to or 'another address'}; give that one, if you trust it")
    if status in {401, 403}:
        raise Refusal("the server wants a name and password, or does not take these")
    if status == 404:
        raise Refusal("the server knows no such repository, or shows it to nobody unknown")
    if status != 200:
        raise Refusal(f"the server answered {status}")
    if not (response.content_type or "").startswith("application/x-git-"):
        raise Refusal(f"{url.partition('/info/refs')[0]} is no git repository")


def _basic(secret: str) -> str:
    pair = secret if ":" in secret else f"{TOKEN_NAME}:{secret}"
    return "Basic " + base64.b64encode(pair.encode()).decode()


@contextmanager
def told(address: Address) -> Iterator[None]:
    """Turn errors of git, network and protocol into a `Refusal` that names the repository."""
    try:
        yield
    except Refusal as refusal:
        raise Refusal(f"{address.text}: {refusal.detail}") from refusal
    except (egress.Refused, egress.Unreachable) as refused:
        raise Unavailable(f"{address.text}: {refused}") from refused
    except NotGitRepository as error:
        raise Refusal(f"{address.text}: there is no git repository") from error
    except HTTPUnauthorized as error:
        raise Refusal(f"{address.text}: the server wants a name and password") from error
    except (GitProtocolError, OSError) as error:
        reason = " ".join(str(error).split())[:LONGEST_REASON] or "the connection broke"
        raise Unavailable(f"{address.text}: {reason}") from error
    # dulwich says over bytes that are no pack or no tree whatever came of them: failed assertions, struct
    # errors, missing keys. There is no list of them, and the bytes come from outside.
    except Exception as error:
        raise Refusal(f"{address.text}: what the repository sent is damaged") from error


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
        with told(address):
            repo = Repo(address.path)
        with repo:
            yield _tip(address, repo, wanted, repo.refs.as_dict(), limits, deadline)
        return
    with tempfile.TemporaryDirectory(prefix="postmortems-git-") as folder:
        with told(address):
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
    server = client(address, way_out=way_out, deadline=deadline, secret=secret, most_bytes=limits.packed)
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
        if result.object_format not in {None, "sha1"}:
            raise Refusal("it names its objects by SHA-256, which is not read yet")
        if counter.size:
            _keep(copy, pack, limits)
    return _with_head(result)


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
    with told(address):
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
