"""Questions and evidence for the tests of kinds, with what most of them have in common."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from postmortems.guards.judgement import Artifact, EvidenceItem, Question
from tests.artifacts import digest

LABS = ZoneInfo("America/Los_Angeles")
# The moment of the founding incident.
NOW = datetime(2018, 1, 25, 15, 30, tzinfo=LABS)
DIGEST = digest("51f1d28f")


def question(**changes: Any) -> Question:
    """May the chart go to data8's production at 15:30?"""
    asked: dict[str, Any] = {"now": NOW, "target": "data8/prod", "artifact": Artifact(digest=DIGEST)}
    return Question(**(asked | changes))


def attested(**changes: Any) -> EvidenceItem:
    """Somebody opened this chart on staging, ten minutes before."""
    seen: dict[str, Any] = {
        "kind": "attestation",
        "observed_at": NOW - timedelta(minutes=10),
        "target": "data8/staging",
        "predicate": "staging-validated",
        "digest": DIGEST,
        "result": "passed",
        "issuer": "ci-data8",
    }
    return EvidenceItem(**(seen | changes))


def observed(**data: Any) -> EvidenceItem:
    """What a probe saw a second before."""
    return EvidenceItem("observation", NOW - timedelta(seconds=1), target="data8/prod", data=data)
