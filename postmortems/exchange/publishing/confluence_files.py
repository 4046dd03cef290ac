"""Pictures of an incident as attachments of its page: sent once, replaced in place, removed when unused.

What an attachment holds is told by its comment, which we write: the SHA-256 of the picture. Where somebody
put another file in its place the comment is another, and the file is not ours to replace unasked.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from postmortems import limits
from postmortems.egress.client import Egress
from postmortems.exchange.publishing import confluence_calls as calls
from postmortems.exchange.publishing.kind import Picture
from postmortems.trackers import members
from postmortems.trackers.wire import Failed, Host

MARK = re.compile(r"postmortems sha256:(?P<sha256>[0-9a-f]{64})")
KEY = re.compile(r"(?:att)?[0-9]{1,19}")
PAGE, MOST_PAGES = 100, 20
# So much is sent in one try, at most; the next goes on where it ended.
MOST_BYTES = limits.FILES
# Signs that end a value in the head of a part (HTML, "multipart form data").
ESCAPED = {'"': "%22", "\r": "%0D", "\n": "%0A"}


@dataclass(frozen=True, slots=True)
class _There:
    """An attachment of the page. `sha256` is "" where it is not ours, or not any more."""

    key: str
    name: str
    sha256: str


def attach(
    host: Host,
    page: str,
    pictures: Sequence[Picture],
    load: Callable[[Picture], bytes],
    egress: Egress,
    *,
    overwrite: bool,
) -> None:
    """Put the pictures on the page of that key; those that are there already are not sent again.

    Raises `Failed` where somebody's file has the name of one, unless it may `overwrite` that, and where not
    all could be sent in one try.
    """
    there = {found.name: found for found in _listed(host, page, egress)} if pictures else {}
    wanted = [picture for picture in pictures if _is_missing(picture, there)]
    taken = [one.name for one in wanted if one.name in there and not there[one.name].sha256]
    if taken and not overwrite:
        raise Failed(
            f"the page has a file {taken[0]} that somebody else attached, or changed: rename one of the two, "
            "or overwrite it",
            is_final=True,
        )
    sent = 0
    for number, picture in enumerate(wanted):
        sent += picture.size
        if number and sent > MOST_BYTES:
            raise Failed(
                f"{number} of {len(wanted)} new pictures are there, as many as go at once: publish again"
            )
        _send(host, page, picture, load(picture), there.get(picture.name), egress)


def remove_others(host: Host, page: str, pictures: Sequence[Picture], egress: Egress) -> None:
    """Remove what we attached to the page and its text has no more; nobody else's file."""
    names = {picture.name for picture in pictures}
    for found in list(_listed(host, page, egress)):
        if found.sha256 and found.name not in names:
            path = f"/attachments/{found.key}" if calls.is_cloud(host) else f"/content/{found.key}"
            try:
                calls.call(host, egress, "DELETE", path)
            except Failed as failed:
                if not failed.is_gone:
                    raise


def _is_missing(picture: Picture, there: Mapping[str, _There]) -> bool:
    return picture.name not in there or there[picture.name].sha256 != picture.sha256


def _listed(host: Host, page: str, egress: Egress) -> Iterator[_There]:
    """The attachments of a page, by the API of its kind."""
    if calls.is_cloud(host):
        path = f"/pages/{page}/attachments?{urlencode({'limit': PAGE})}"
    else:
        path = f"/content/{page}/child/attachment?{urlencode({'limit': PAGE, 'start': 0})}"
    for number in range(1, MOST_PAGES + 1):
        found = calls.call(host, egress, "GET", path)
        rows = calls.results(found)
        yield from map(_there, rows)
        if not calls.is_cloud(host):
            if len(rows) < PAGE:
                return
            path = f"/content/{page}/child/attachment?{urlencode({'limit': PAGE, 'start': number * PAGE})}"
            continue
        following = members.text(members.inner(calls.object_of(found), "_links"), "next")
        if not following:
            return
        # A path below the site, as `/wiki/api/v2/pages/…?cursor=…`: only its last part is taken.
        path = f"/pages/{page}/attachments?{following.partition('?')[2]}"


def _there(row: Mapping[str, Any]) -> _There:
    key, name = members.text(row, "id"), members.text(row, "title")
    if not KEY.fullmatch(key):
        raise Failed(f"{calls.NAME} answered with an attachment that has no id")
    told = (row, members.inner(row, "metadata"), members.inner(row, "extensions"))
    marks = (MARK.fullmatch(members.text(each, "comment")) for each in told)
    return _There(key, name, next((mark["sha256"] for mark in marks if mark), ""))


def _send(
    host: Host, page: str, picture: Picture, content: bytes, before: _There | None, egress: Egress
) -> None:
    content_type, body = _form(picture, content)
    path = f"/content/{page}/child/attachment"
    calls.send(host, egress, f"{path}/{before.key}/data" if before else path, body, content_type)


def _form(picture: Picture, content: bytes) -> tuple[str, bytes]:
    """The form that takes a file, with the comment by which it is known again; watchers are not told."""
    boundary = f"postmortems-{secrets.token_hex(16)}"
    name = "".join(ESCAPED.get(sign, sign) for sign in picture.name)
    fields = {"comment": f"postmortems sha256:{picture.sha256}", "minorEdit": "true"}
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{said}\r\n'.encode()
        for key, said in fields.items()
    ]
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
    parts += [f"{head}Content-Type: {picture.media_type}\r\n\r\n".encode(), content]
    return f"multipart/form-data; boundary={boundary}", b"".join([*parts, f"\r\n--{boundary}--\r\n".encode()])
