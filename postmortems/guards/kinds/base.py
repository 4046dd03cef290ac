"""What a guard kind is: a name, a schema for its configuration, and a pure judgement."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import Schema

from postmortems.egress import Egress
from postmortems.guards.judging import Evidence, Judgement, Question, Wanted

Configuration = Mapping[str, Any]


class Kind(ABC):
    """One kind of guard. Subclasses say what they need and judge it; those that observe say how.

    `Config` is a marshmallow schema; units stand in the field names, and each field's metadata has
    `label`, `description` (the help a form shows) and, where useful, `example`.
    """

    slug: ClassVar[str]
    label: ClassVar[str]
    # One sentence: what it takes to pass.
    passes_when: ClassVar[str]
    Config: ClassVar[type[Schema]]
    # Whether `observe` looks at something outside.
    observes: ClassVar[bool] = False

    def wanted(self, config: Configuration, question: Question) -> Wanted | None:
        """The evidence to fetch before judging; None where the question alone is enough."""
        return None

    @abstractmethod
    def judge(self, config: Configuration, evidence: Evidence, question: Question) -> Judgement:
        """The verdict on values alone: same values, same verdict. `evidence` is newest first."""

    def observe(self, config: Configuration, question: Question, egress: Egress) -> dict[str, Any]:
        """Look outside and return what was seen as plain JSON. Never judges, never sees the session."""
        raise TypeError(f"guards of kind {self.slug} observe nothing")
