"""Replies: what came of a press in Slack, posted to the address that came with it, for who pressed alone."""

from __future__ import annotations

from datetime import datetime

from postmortems import clock
from postmortems.egress.client import NoSecret, Refused, Unreachable
from postmortems.formats.json_text import dumped
from postmortems.notify import outbox
from postmortems.notify.channels import delivery
from postmortems.notify.retry_schedule import Lent, Outcome
from postmortems.vault.encryption import Vault
from postmortems.vault.runtime import Runtime

CHANNEL = "chat-reply"
# What the stored address is, for messages about keys that are missing.
PURPOSE = "an answer's address"


def put(url: str, text: str, once: str, vault: Vault, now: datetime) -> None:
    """Have it posted by the worker; whoever knows the address may post there, so it is encrypted."""
    outbox.put(CHANNEL, "slack", once, {"url": vault.encrypt(url), "text": text}, now)


def send(lent: Lent, runtime: Runtime) -> Outcome:
    """Post one reply."""
    said = {"response_type": "ephemeral", "replace_original": False, "text": lent.payload["text"]}
    try:
        url = runtime.vault.decrypt(lent.payload["url"], PURPOSE)
        headers = {"Content-Type": "application/json"}
        answer = runtime.egress.request(
            "POST",
            url,
            headers=headers,
            body=dumped(said).encode(),
            timeout_s=delivery.TIMEOUT_S,
            max_bytes=0,
        )
    except (Refused, NoSecret) as refused:
        return Outcome(False, f"not allowed to be called: {refused}", is_final=True)
    except Unreachable as unreachable:
        return Outcome(False, str(unreachable))
    return delivery.outcome(answer.status, answer.headers, clock.now())


def noted(lent: Lent, result: Outcome, now: datetime) -> None:
    """Nothing is kept of it: an address is good for half an hour, and for this answer."""
