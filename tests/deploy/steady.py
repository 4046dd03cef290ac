"""Clients that ask through the proxy without a pause, and what they were answered."""

from __future__ import annotations

import http.client
import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.deploy.topology import Topology
from tests.faults.serving import ANSWERS_WITHIN_S, question, until

# How long a client rests between two requests; enough of them come while a process ends and begins.
PAUSE_S = 0.05


@dataclass
class Answered:
    """By client and status, how many; 0 where there was no answer. `kept` are the decisions acknowledged."""

    counts: Counter[tuple[str, int]] = field(default_factory=Counter)
    kept: list[str] = field(default_factory=list)

    def failed(self) -> dict[tuple[str, int], int]:
        return {key: count for key, count in self.counts.items() if key[1] not in (200, 201)}

    def total(self) -> int:
        return sum(self.counts.values())


class Clients:
    """Some read pages, some ask the gate, some report evidence; each on a connection that it keeps."""

    def __init__(self, topology: Topology, of_each: int) -> None:
        self.topology, self.of_each = topology, of_each
        self.answered, self.over, self.lock = Answered(), threading.Event(), threading.Lock()
        self.headers = topology.world.headers("ada") | {"Content-Type": "application/json"}

    @contextmanager
    def asking(self) -> Iterator[Answered]:
        """All of them, from when each has had an answer until the block ends."""
        kinds = {"page": self._page, "gate": self._gate, "evidence": self._evidence}
        threads = [
            threading.Thread(target=self._run, args=(name, number, request))
            for name, request in kinds.items()
            for number in range(self.of_each)
        ]
        for thread in threads:
            thread.start()
        try:
            until(lambda: self.answered.total() > 2 * len(threads))
            yield self.answered
        finally:
            self.over.set()
            for thread in threads:
                thread.join(ANSWERS_WITHIN_S)

    def _run(self, name: str, number: int, request: Any) -> None:
        connection = http.client.HTTPConnection(
            "127.0.0.1", self.topology.proxy.port, timeout=ANSWERS_WITHIN_S
        )
        turn = 0
        while not self.over.wait(PAUSE_S):
            turn += 1
            status, body = _answer(connection, request(f"{number}-{turn}"))
            with self.lock:
                self.answered.counts[name, status] += 1
                if name == "gate" and status == 200:
                    self.answered.kept.append(json.loads(body)["id"])
        connection.close()

    def _page(self, _turn: str) -> tuple[str, str, None, dict[str, str]]:
        return "GET", "/sign-in", None, {}

    def _gate(self, turn: str) -> tuple[str, str, str, dict[str, str]]:
        headers = self.headers | {"Idempotency-Key": f"steady-{id(self)}-{turn}"}
        return "POST", "/api/v1/gate/decisions", json.dumps(question()), headers

    def _evidence(self, turn: str) -> tuple[str, str, str, dict[str, str]]:
        body = {"predicate": "tested", "subject": question()["artifact"], "service": "data8"}
        body |= {"target": "staging", "result": "passed", "event_id": f"steady-{id(self)}-{turn}"}
        return "POST", "/api/v1/evidence/attestations", json.dumps(body), self.headers


def _answer(connection: http.client.HTTPConnection, request: Any) -> tuple[int, bytes]:
    try:
        connection.request(*request)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException):
        # The next request opens another.
        connection.close()
        return 0, b""
