"""A real deploy that was blocked is an event, so that people can be told; a pipeline that insists is one."""

from __future__ import annotations

from postmortems import db
from postmortems.audit import queries as audit
from postmortems.gate import asking
from tests.conftest import Clock
from tests.gate.founding import CI, request
from tests.gate.test_asking import only

OTHER = {"digest": "sha256:another"}


def told() -> list[tuple[str, list[str]]]:
    """The artifacts and guards that were told of, the oldest first."""
    with db.reading():
        events = [event for event in audit.latest(limit=200) if event.verb == "decision.blocked"]
    return [(event.data["artifact"], event.data["guards"]) for event in reversed(events)]


def test_a_block_is_told_once_in_half_an_hour(story: str, clock: Clock) -> None:
    only("staging-validated")
    for _ in range(3):
        assert asking.ask(request(artifact=OTHER), actor=CI)["decision"] == "block"
        clock.advance(minutes=9)
    assert told() == [("sha256:another", ["staging-validated"])]

    clock.advance(minutes=9)
    asking.ask(request(artifact=OTHER), actor=CI)
    assert len(told()) == 2


def test_another_artifact_is_told_too_and_a_dry_run_never(story: str, clock: Clock) -> None:
    only("staging-validated")
    asking.ask(request(artifact=OTHER), actor=CI)
    asking.ask(request(artifact={"digest": "sha256:third"}), actor=CI)
    asking.ask(request(artifact={"digest": "sha256:fourth"}, dry_run=True), actor=CI)

    assert [artifact for artifact, _ in told()] == ["sha256:another", "sha256:third"]


def test_what_may_go_is_not_told(story: str, clock: Clock) -> None:
    only("target-confirmed")
    assert asking.ask(request(), actor=CI)["decision"] == "allow"

    assert told() == []
