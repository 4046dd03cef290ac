"""Git's talk with a server: over HTTP through `egress`, as every call is; over SSH with the operator's keys.

What the other side sends is hostile until parsed. Its redirects are not followed, it is asked for nothing
that it points at elsewhere, and a secret goes to the address it was given for and to no other.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from dulwich.client import AbstractHttpGitClient, GitClient, HTTPUnauthorized, SSHGitClient
from dulwich.errors import GitProtocolError, NotGitRepository

from postmortems.egress import client as egress
from postmortems.egress.client import Coming, Egress
from postmortems.errors import Refusal, Unavailable
from postmortems.exchange.git.address import HTTP, Address

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

    def __init__(self, coming: Coming, close: Callable[[], object], most_bytes: int) -> None:
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
        response = _entered(call, MOST_REFS_BYTES if data is None else self._most_bytes)
        try:
            _refuse_other(response, url)
        except BaseException:
            response.close()
            raise
        return response, response.read


def _entered(call: AbstractContextManager[Coming], most_bytes: int) -> _Response:
    return _Response(call.__enter__(), lambda: call.__exit__(None, None, None), most_bytes)


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
    """Whatever goes wrong in a talk with a repository, as a `Refusal` that names it."""
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
