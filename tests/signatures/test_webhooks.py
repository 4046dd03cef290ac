"""What we sign, the reference implementation of Standard Webhooks takes; and nothing that was changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

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
