"""Who signed a webhook, and what it is about: genuine, forged, too old and unreadable ones."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from postmortems.trackers import hooks
from postmortems.trackers.hooks import About, Forged, Unreadable

SECRET = "sixteen-or-more-letters"
SIGNING = "whsec_" + base64.b64encode(b"k" * 32).decode()
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)

# As the trackers send them, with what we do not read left out.
PAYLOADS: dict[str, dict[str, Any]] = {
    "github": {
        "action": "edited",
        "issue": {"number": 12, "title": "x"},
        "repository": {"full_name": "data8/infra"},
    },
    "gitlab": {
        "object_kind": "issue",
        "project": {"id": 30, "path_with_namespace": "data8/infra"},
        "object_attributes": {"id": 301, "iid": 12, "action": "update"},
    },
    "jira": {"webhookEvent": "jira:issue_updated", "timestamp": 1, "issue": {"id": "10012", "key": "OPS-12"}},
    "linear": {
        "action": "update",
        "type": "Issue",
        "data": {"id": "9f6ad0b4-0a9c-4d32-8b9e-5f6b1e2a3c4d", "identifier": "OPS-12"},
        "webhookTimestamp": int(NOW.timestamp() * 1000),
    },
}
KEYS = {"github": "12", "gitlab": "12", "jira": "10012", "linear": "9f6ad0b4-0a9c-4d32-8b9e-5f6b1e2a3c4d"}


def hexed(body: bytes, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def signed(service: str, body: bytes, secret: str = SECRET) -> dict[str, str]:
    """The headers that a tracker sends with a body."""
    return {
        "github": {"X-Hub-Signature-256": f"sha256={hexed(body, secret)}", "X-GitHub-Event": "issues"},
        "gitlab": {"X-Gitlab-Token": secret},
        "jira": {"X-Hub-Signature": f"sha256={hexed(body, secret)}"},
        "linear": {"Linear-Signature": hexed(body, secret)},
    }[service]


def standard(
    body: bytes, *, at: datetime = NOW, key: bytes = b"k" * 32, sent_id: str = "msg_1"
) -> dict[str, str]:
    """The headers of a GitLab hook that has a signing token."""
    seconds = str(int(at.timestamp()))
    made = hmac.new(key, b".".join((sent_id.encode(), seconds.encode(), body)), hashlib.sha256).digest()
    signature = f"v1,{base64.b64encode(made).decode()}"
    return {"webhook-id": sent_id, "webhook-timestamp": seconds, "webhook-signature": signature}


def body_of(service: str, **changed: Any) -> bytes:
    return json.dumps(PAYLOADS[service] | changed).encode()


@pytest.mark.parametrize("service", list(PAYLOADS))
def test_a_genuine_one_says_which_issue_it_is_about(service: str) -> None:
    body = body_of(service)

    about = hooks.about(service, signed(service, body), body, SECRET, NOW)

    assert about is not None
    assert about.key == KEYS[service]
    assert about.place in {"data8/infra", ""}


@pytest.mark.parametrize("service", list(PAYLOADS))
def test_another_secret_is_a_forgery(service: str) -> None:
    body = body_of(service)

    with pytest.raises(Forged):
        hooks.about(service, signed(service, body, "another-secret-of-letters"), body, SECRET, NOW)


@pytest.mark.parametrize("service", ["github", "jira", "linear"])
def test_another_body_under_a_genuine_signature_is_a_forgery(service: str) -> None:
    with pytest.raises(Forged):
        hooks.about(service, signed(service, body_of(service)), body_of(service, more=1), SECRET, NOW)


@pytest.mark.parametrize("service", list(PAYLOADS))
@pytest.mark.parametrize("headers", [{}, {"X-Hub-Signature-256": "sha256="}, {"X-Gitlab-Token": "\u00e9"}])
def test_none_or_half_a_signature_is_a_forgery(service: str, headers: dict[str, str]) -> None:
    with pytest.raises(Forged):
        hooks.about(service, headers, body_of(service), SECRET, NOW)


def test_githubs_older_signature_is_not_taken() -> None:
    body = body_of("github")
    older = "sha1=" + hmac.new(SECRET.encode(), body, hashlib.sha1).hexdigest()

    with pytest.raises(Forged):
        hooks.about("github", {"X-Hub-Signature": older, "X-GitHub-Event": "issues"}, body, SECRET, NOW)


@pytest.mark.parametrize("off_s, is_taken", [(0, True), (59, True), (-59, True), (61, False), (-61, False)])
def test_linears_time_is_in_what_is_signed(off_s: int, is_taken: bool) -> None:
    body = body_of("linear", webhookTimestamp=int((NOW + timedelta(seconds=off_s)).timestamp() * 1000))
    headers = signed("linear", body)

    if is_taken:
        assert hooks.about("linear", headers, body, SECRET, NOW)
    else:
        with pytest.raises(Forged):
            hooks.about("linear", headers, body, SECRET, NOW)


@pytest.mark.parametrize("stamp", [None, "1772442000000", True, [], {}, 10**400, -1, 1e308])
def test_linears_time_is_a_number(stamp: object) -> None:
    body = body_of("linear", webhookTimestamp=stamp)

    with pytest.raises(Forged):
        hooks.about("linear", signed("linear", body), body, SECRET, NOW)


@pytest.mark.parametrize(
    "off_s, is_taken", [(0, True), (299, True), (-299, True), (301, False), (-301, False)]
)
def test_gitlabs_signing_token_signs_the_time(off_s: int, is_taken: bool) -> None:
    body = body_of("gitlab")
    headers = standard(body, at=NOW + timedelta(seconds=off_s))

    if is_taken:
        assert hooks.about("gitlab", headers, body, SIGNING, NOW) == About("12", "data8/infra")
    else:
        with pytest.raises(Forged):
            hooks.about("gitlab", headers, body, SIGNING, NOW)


@pytest.mark.parametrize(
    "changed",
    [
        {"webhook-id": "msg_2"},
        {"webhook-timestamp": str(int(NOW.timestamp()) + 1)},
        {"webhook-timestamp": ""},
        {"webhook-timestamp": "soon"},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v2," + "a" * 44},
        # The plain token does not stand in for a signature that is wrong.
        {"webhook-signature": "v1,AAAA", "X-Gitlab-Token": SIGNING},
    ],
)
def test_what_gitlab_signs_cannot_be_changed(changed: dict[str, str]) -> None:
    body = body_of("gitlab")

    with pytest.raises(Forged):
        hooks.about("gitlab", standard(body) | changed, body, SIGNING, NOW)


def test_of_several_signatures_one_is_enough() -> None:
    body = body_of("gitlab")
    headers = standard(body)
    headers["webhook-signature"] = f"v1,AAAA {headers['webhook-signature']}"

    assert hooks.about("gitlab", headers, body, SIGNING, NOW)


@pytest.mark.parametrize(
    "service, payload, event",
    [
        ("github", {"zen": "x"}, "ping"),
        ("github", PAYLOADS["github"], "issue_comment"),
        ("gitlab", {"object_kind": "push"}, ""),
        ("jira", {"webhookEvent": "comment_created"}, ""),
        ("linear", PAYLOADS["linear"] | {"type": "Comment"}, ""),
    ],
)
def test_what_is_about_no_issue_is_none(service: str, payload: dict[str, Any], event: str) -> None:
    body = json.dumps(payload).encode()
    headers = signed(service, body) | ({"X-GitHub-Event": event} if event else {})

    assert hooks.about(service, headers, body, SECRET, NOW) is None


@pytest.mark.parametrize(
    "service, body",
    [
        ("github", b""),
        ("github", b"[]"),
        ("github", b"payload=%7B%7D"),
        ("github", b'{"issue": {"number": "12"}}'),
        ("github", b'{"issue": {"number": true}}'),
        ("github", b'{"issue": []}'),
        ("gitlab", b'{"object_kind": "issue"}'),
        ("gitlab", b'{"object_kind": "issue", "object_attributes": {"iid": -1}}'),
        ("jira", b'{"webhookEvent": "jira:issue_updated", "issue": {"key": "OPS-12"}}'),
        ("github", b"[" * 100_000),
        ("linear", b"\xff\xfe"),
    ],
)
def test_what_cannot_be_read_says_so(service: str, body: bytes) -> None:
    with pytest.raises(Unreadable):
        hooks.about(service, signed(service, body), body, SECRET, NOW)
