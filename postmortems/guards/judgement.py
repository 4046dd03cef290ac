"""The values that a guard judges: request, evidence, result. No database, no network.

A live decision, a scheduled run, a drill and a test all build these and call the same `judge`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from postmortems.formats import artifact_ids

# pass: the condition is proven now. fail: disproven. error: could not evaluate (configuration, our fault).
# inconclusive: evidence neither way. pending: somebody has still to answer. stale: was a pass, its evidence
# expired. not_applicable: out of scope here. waived: passed over by a person for once.
VERDICTS = ("pass", "fail", "error", "inconclusive", "pending", "stale", "not_applicable", "waived")
LEVELS = ("shadow", "advisory", "soft", "hard")
# How many people it takes to pass a guard over for once; whatever it says, nobody passes over a hard one.
OVERRIDES = ("none", "one", "two")
CHANGE_KINDS = ("feature", "fix", "rollback", "security")
# How far the word of whoever sent evidence can be trusted, the least first: what a client says it ran itself,
# a token, a person who signed in, a pipeline's run that its CI service vouches for, the service itself.
TRUST = ("self_reported", "token", "person", "oidc", "system")
# Clocks differ: what a fast one calls two minutes ahead is taken as seen now.
SKEW = timedelta(seconds=120)
# Enough to find the newest that counts among those that do not.
NEWEST = 20


@dataclass(frozen=True, slots=True)
class Artifact:
    """What would be deployed: a digest (`sha256:…`), a commit or both, and its `components` by name."""

    digest: str = ""
    sha: str = ""
    components: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """As `asdict` would have it, in less time: every decision says its artifact twice."""
        return {"digest": self.digest, "sha": self.sha, "components": dict(self.components)}

    def is_same_as(self, digest: str, sha: str) -> bool:
        """Whether (`digest`, `sha`) is this very artifact.

        By digest where both have one of the same algorithm, else by commit, for two algorithms say nothing of
        each other.
        """
        if self.digest and digest and self.digest.partition(":")[0] == digest.partition(":")[0]:
            return artifact_ids.are_same(self.digest, digest)
        return artifact_ids.are_same(self.sha, sha)


@dataclass(frozen=True, slots=True)
class Run:
    """The pipeline's run that asks, as it names itself; `typed_target` is what a person typed to start it."""

    provider: str = ""
    id: str | int = ""
    attempt: int = 1
    url: str = ""
    committers: tuple[str, ...] = ()
    typed_target: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """May this artifact go to this target now? Targets are given by full name, `data8/prod`."""

    now: datetime
    target: str
    declared_target: str = ""
    artifact: Artifact = Artifact()
    change_kind: str = "feature"
    resolves: tuple[str, ...] = ()
    actor: str = ""
    run: Run = Run()
    # As of an instant in the past, or made up: nothing may be probed now, only recorded evidence counts.
    is_replay: bool = False
    # The target that the caller's credential is bound to, where it is bound to one.
    bound_target: str = ""


@dataclass(frozen=True, slots=True)
class EvidenceItem:
    """One piece of evidence as a value; `target` is a full name. `find` lists the kinds there are."""

    kind: str
    observed_at: datetime
    target: str = ""
    predicate: str = ""
    digest: str = ""
    sha: str = ""
    result: str = ""
    issuer: str = ""
    trust: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    # Of what is stored.
    id: int = 0


@dataclass(frozen=True, slots=True)
class Judgement:
    """A guard's answer. `observed` and `expected` are short plain JSON values that a person can compare.

    `checked_at` is when the evidence was seen, `valid_until` when a pass stops being one by itself,
    `next_possible_at` when a failure could turn by itself.
    """

    verdict: str
    reason_code: str
    summary: str
    observed: Any = None
    expected: Any = None
    checked_at: datetime | None = None
    valid_until: datetime | None = None
    next_possible_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PassTerms:
    """How long a pass says the same of the same evidence, and what it says of the instant it is asked at.

    That is told in the `moments` of `observed`, each by the clocks of a zone, and in `checked_at` where it
    `is_checked_now`; all else stays as it is before `until`.
    """

    until: datetime
    moments: Mapping[str, str] = field(default_factory=dict)
    is_checked_now: bool = False


@dataclass(frozen=True, slots=True)
class EvidenceNeed:
    """Some of the evidence that a guard wants to judge: the newest of a kind, narrowed. Empty means any."""

    kind: str
    predicate: str = ""
    target: str = ""
    # Only what is about the artifact in question.
    of_artifact: bool = False
    result: str = ""
    # At most so many, up to `NEWEST`.
    newest: int = NEWEST

    def fits(self, seen: EvidenceItem) -> bool:
        """Whether this is what is wanted, but for the artifact."""
        return (
            seen.kind == self.kind
            and self.predicate in {"", seen.predicate}
            and self.target in {"", seen.target}
            and self.result in {"", seen.result}
        )


Evidence = Sequence[EvidenceItem]
