"""Webhooks of trackers: who signed them, when, and which issue they are about. Pure.

Nothing else of a payload is used: the issue is read from its tracker. GitHub signs the body as
`X-Hub-Signature-256`, Jira as `X-Hub-Signature` (WebSub, with sha256), Linear as `Linear-Signature` with the
time in the body, at most a minute off (package @linear/sdk 98.0.0). GitLab signs as Standard Webhooks does
where the hook has a signing token, and else sends its secret as `X-Gitlab-Token`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from postmortems.formats import payloads
from postmortems.formats.payloads import Payload, Unreadable
from postmortems.signatures import webhooks as standard

# A time that is signed may be so far off, in seconds: Standard Webhooks' own five minutes, Linear's one.
STANDARD_S, LINEAR_S = 300, 60
LATEST_MS = 2**53
Headers = Mapping[str, str]


class Forged(Exception):
    """The signature is not the tracker's, or what is signed is too old to be sent now."""


@dataclass(frozen=True, slots=True)
class About:
    """The issue that a webhook is about, by its key, and the place it is in, "" where that is not said."""

    key: str
    place: str = ""


def identity(body: bytes) -> str:
    """What a delivery is known by when it comes again: of its headers most are not signed."""
    return hashlib.sha256(body).hexdigest()


def about(service: str, headers: Headers, body: bytes, secret: str, now: datetime) -> About | None:
    """The issue that it is about; None for what is about none. Raises `Forged`, and `Unreadable`."""
    check, read = HOOKS[service]
    check(headers, body, secret, now)
    return read(headers, payloads.parsed(body, "the body"))


def _signed(headers: Headers, name: str, body: bytes, secret: str, prefix: str) -> None:
    made = prefix + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    if not _same(made, headers.get(name, "")):
        raise Forged(f"{name} is missing, or not made with this tracker's secret")


def _same(made: str, given: str) -> bool:
    return hmac.compare_digest(made.encode(), given.encode("utf-8", "replace"))


def _check_github(headers: Headers, body: bytes, secret: str, now: datetime) -> None:
    _signed(headers, "X-Hub-Signature-256", body, secret, "sha256=")


def _check_jira(headers: Headers, body: bytes, secret: str, now: datetime) -> None:
    _signed(headers, "X-Hub-Signature", body, secret, "sha256=")


def _check_linear(headers: Headers, body: bytes, secret: str, now: datetime) -> None:
    _signed(headers, "Linear-Signature", body, secret, "")
    at = payloads.parsed(body, "the body").get("webhookTimestamp")
    if isinstance(at, bool) or not isinstance(at, int | float) or not 0 <= at < LATEST_MS:
        raise Forged("webhookTimestamp is missing, or no time")
    if abs(now.timestamp() * 1000 - at) > LINEAR_S * 1000:
        raise Forged(
            f"webhookTimestamp is more than {LINEAR_S} seconds off: sent before, or a clock is wrong"
        )


def _check_gitlab(headers: Headers, body: bytes, secret: str, now: datetime) -> None:
    signature = headers.get("webhook-signature", "")
    if not signature:
        if not _same(secret, headers.get("X-Gitlab-Token", "")):
            raise Forged("neither webhook-signature nor X-Gitlab-Token is this tracker's")
        return
    sent_id, at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not (at.isascii() and at.isdigit() and len(at) < 12):
        raise Forged("webhook-timestamp is missing, or no number")
    try:
        key = standard.key(secret)
    except ValueError:
        # A secret of one's own is its bytes.
        key = secret.encode()
    signed = b".".join((sent_id.encode("utf-8", "replace"), at.encode(), body))
    made = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode("ascii")
    if not any(_same(made, one) for one in signature.split()):
        raise Forged("webhook-signature is not made with this tracker's secret")
    if abs(now.timestamp() - int(at)) > STANDARD_S:
        raise Forged(
            f"webhook-timestamp is more than {STANDARD_S} seconds off: sent before, or a clock is wrong"
        )


def _read_github(headers: Headers, payload: Payload) -> About | None:
    if headers.get("X-GitHub-Event") != "issues":
        return None
    issue = payloads.inner(payload, "issue")
    return About(payloads.number(issue, "number"), _place(payload, "repository", "full_name"))


def _read_gitlab(headers: Headers, payload: Payload) -> About | None:
    if payload.get("object_kind") not in {"issue", "work_item"}:
        return None
    issue = payloads.inner(payload, "object_attributes")
    return About(payloads.number(issue, "iid"), _place(payload, "project", "path_with_namespace"))


def _read_jira(headers: Headers, payload: Payload) -> About | None:
    if not str(payload.get("webhookEvent", "")).startswith("jira:issue_"):
        return None
    return About(payloads.text(payloads.inner(payload, "issue"), "id", 30))


def _read_linear(headers: Headers, payload: Payload) -> About | None:
    if payload.get("type") != "Issue":
        return None
    return About(payloads.text(payloads.inner(payload, "data"), "id", 50))


def _place(payload: Payload, part: str, name: str) -> str:
    inner = payload.get(part)
    found = inner.get(name) if isinstance(inner, dict) else None
    return found if isinstance(found, str) else ""


Check = Callable[[Headers, bytes, str, datetime], None]
Read = Callable[[Headers, Payload], About | None]
HOOKS: dict[str, tuple[Check, Read]] = {
    "github": (_check_github, _read_github),
    "gitlab": (_check_gitlab, _read_gitlab),
    "jira": (_check_jira, _read_jira),
    "linear": (_check_linear, _read_linear),
}
# What is read of a delivery beside its body.
READ = (
    "X-Hub-Signature-256",
    "X-GitHub-Event",
    "X-Hub-Signature",
    "Linear-Signature",
    "X-Gitlab-Token",
    "webhook-id",
    "webhook-timestamp",
    "webhook-signature",
)

__all__ = ["READ", "About", "Forged", "Unreadable", "about", "identity"]
