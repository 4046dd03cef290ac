"""What we sign, the reference implementation of Standard Webhooks takes; and nothing that was changed."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from postmortems.signatures import webhooks

BODY = b'{"type": "gate.asked", "data": {"target": "data8/prod"}}'


def test_what_we_sign_is_taken_by_the_reference_implementation() -> None:
    secret = webhooks.fresh_secret()
    sent = webhooks.headers([webhooks.key(secret)], "msg_1", datetime.now(UTC), BODY)

    assert Webhook(secret).verify(BODY, sent) == {"type": "gate.asked", "data": {"target": "data8/prod"}}


def test_while_a_secret_is_replaced_the_old_and_the_new_one_are_taken() -> None:
    old, new = webhooks.fresh_secret(), webhooks.fresh_secret()
    sent = webhooks.headers([webhooks.key(old), webhooks.key(new)], "msg_1", datetime.now(UTC), BODY)

    for secret in (old, new):
        Webhook(secret).verify(BODY, sent)


@pytest.mark.parametrize(
    "change",
    [
        {"body": BODY + b" "},
        {"webhook-id": "msg_2"},
        {"webhook-timestamp": str(int(datetime.now(UTC).timestamp()) - 100)},
        {"webhook-signature": "v1,AAAA"},
        {"age": timedelta(minutes=6)},
        {"secret": webhooks.fresh_secret()},
    ],
)
def test_what_was_changed_or_is_old_is_not_taken(change: dict[str, object]) -> None:
    secret = webhooks.fresh_secret()
    at = datetime.now(UTC) - change.pop("age", timedelta())  # type: ignore[operator]
    checked, body = str(change.pop("secret", secret)), change.pop("body", BODY)
    sent = webhooks.headers([webhooks.key(secret)], "msg_1", at, BODY) | change

    with pytest.raises(WebhookVerificationError):
        Webhook(checked).verify(body, sent)  # type: ignore[arg-type]


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_!!!", "whsec_AAAA", "whsec_" + "A" * 100, "hunter2"])
def test_a_broken_secret_is_refused_without_being_repeated(secret: str) -> None:
    with pytest.raises(ValueError, match="a signing secret") as told:
        webhooks.key(secret)
    assert not secret.removeprefix("whsec_") or secret.removeprefix("whsec_") not in str(told.value)


def test_the_receiver_in_the_guide_takes_each_message_once_and_nothing_forged(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text()
    [code] = re.findall(r"```python\n(.+?)```", guide, re.DOTALL)
    secret = webhooks.fresh_secret()
    monkeypatch.setenv("WEBHOOK_SECRET", secret)
    receiver: dict[str, Any] = {"__name__": "receiver"}
    exec(compile(code, "docs/webhooks.md", "exec"), receiver)
    body = b'{"type": "item.reopened", "data": {"subject": "AI-3"}}'
    sent = webhooks.headers([webhooks.key(secret)], "msg_1", datetime.now(UTC), body)
    forged = {**sent, "webhook-signature": "v1,AAAA"}

    with receiver["app"].test_client() as client:
        answers = [
            client.post("/postmortems", data=body, headers=each).status_code
            for each in (sent, sent, forged, {})
        ]

    assert answers == [204, 204, 403, 403]
    assert capsys.readouterr().out == "item.reopened AI-3\n"
