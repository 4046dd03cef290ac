"""Waiting for a decision: asked once under one idempotency key, then polled until it is made."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Mapping
from typing import Any

import click

from postmortems.cli.gate import text
from postmortems.cli.gate.client import API, GateClient, Reply, Unreachable
from postmortems.cli.gate.options import reading

# How long to wait before asking again while the answer is `wait`, in seconds: where the server does not say,
# and at the least.
ASK_AGAIN_S, SOONEST_S = 10.0, 1.0
# What the server takes as `wait_s` at the most.
LONGEST_WAIT_S = 900


def decided(client: GateClient, body: Mapping[str, Any], wait_s: float) -> dict[str, Any]:
    """The gate's answer; while it is `wait`, judged again until the time is over."""
    ends = time.monotonic() + wait_s
    asked = dict(body)
    if wait_s:
        asked["wait_s"] = min(int(wait_s), LONGEST_WAIT_S)
    reply = _asked(client, asked)
    if reply.answer["decision"] == "wait" and wait_s:
        # A log that says nothing for a quarter of an hour looks like one that hangs.
        with reading():
            click.echo(text.waiting(reply.answer, client.base), err=True)
    while reply.answer["decision"] == "wait" and (left := ends - time.monotonic()) > 0:
        pause_s = ASK_AGAIN_S if reply.retry_after_s is None else reply.retry_after_s
        time.sleep(min(max(pause_s, SOONEST_S), left))
        reply = _again(client, asked, reply, ends)
    return reply.answer


def _again(client: GateClient, asked: Mapping[str, Any], reply: Reply, ends: float) -> Reply:
    """The same decision judged once more. A server that is away for a moment ends no wait."""
    try:
        # Without an address, a dry run for one, it is a new question.
        return _looked(client, asked, reply) if reply.location else _asked(client, asked)
    except Unreachable:
        if time.monotonic() >= ends:
            raise
        return reply


def _asked(client: GateClient, asked: Mapping[str, Any]) -> Reply:
    reply = client.ask("/gate/decisions", asked, key=str(uuid.uuid4()))
    refuse_nonsense(reply.answer, asked)
    return reply


def _looked(client: GateClient, asked: Mapping[str, Any], reply: Reply) -> Reply:
    """What is at the decision's address. The token goes nowhere else."""
    found = re.fullmatch(rf"{API}(/gate/decisions/[A-Za-z0-9_-]{{1,100}})", reply.location)
    if found is None:
        raise Unreachable("the answer says to ask again at an address that is no decision's")
    looked = client.look(found[1])
    refuse_nonsense(looked.answer, asked)
    if looked.answer["id"] != reply.answer["id"]:
        raise Unreachable("the answer is another decision")
    # What was said first holds where the server says nothing new.
    return looked if looked.location else Reply(looked.answer, reply.location, looked.retry_after_s)


def refuse_nonsense(answer: Mapping[str, Any], body: Mapping[str, Any]) -> None:
    """Whatever is no decision about this very deploy is no permission either."""
    members = {"id", "incidents", "reasons", "guards", "valid_until"}
    if answer.get("decision") not in text.HEADLINES or not members <= answer.keys():
        raise Unreachable("what answers is not the gate: there is no decision in it")
    if answer.get("target") != f"{body['service']}/{body['target']}":
        raise Unreachable("the answer is about another target")
    decided = answer.get("artifact")
    if not isinstance(decided, dict) or any(
        decided.get(name) != value for name, value in body["artifact"].items()
    ):
        raise Unreachable("the answer is about another artifact")
