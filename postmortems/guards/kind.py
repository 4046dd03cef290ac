"""The interface of a guard kind: a name, a configuration schema, and a pure judgement."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar

from marshmallow import Schema, ValidationError, fields

from postmortems.egress.client import Egress
from postmortems.errors import Invalid, Problem
from postmortems.guards.judgement import Evidence, EvidenceNeed, Judgement, PassTerms, Question
from postmortems.guards.probing import result

Configuration = Mapping[str, Any]


class Kind(ABC):
    """One kind of guard. Subclasses say what they need and judge it; those that observe say how.

    `Config` is a marshmallow schema; units stand in the field names, and each field's metadata has
    `label`, `description` (the help a form shows) and, where useful, `example`: see `config_fields`.
    """

    slug: ClassVar[str]
    label: ClassVar[str]
    # One sentence: what it takes to pass.
    passes_when: ClassVar[str]
    Config: ClassVar[type[Schema]]
    # A configuration that works: for the documentation, for a new guard's form and for the contract test.
    sample: ClassVar[dict[str, Any]]
    # The fields that its form shows first; by default what is required, then what the sample sets.
    leads: ClassVar[tuple[str, ...]] = ()
    # Whether guards of this kind probe something outside, by `observe`.
    observes: ClassVar[bool] = False
    # What a probe returns, in words and units of the kind's own: a scenario's form is made from it.
    Observed: ClassVar[type[Schema]] = result.Observed
    # Whether its probe depends on the artifact and the target of the request: it probes when asked.
    asks_about_artifact: ClassVar[bool] = False
    # What a wrong clock of this server does to it; "" for one that judges no times.
    by_clock: ClassVar[str] = ""
    # A kind that would block the cure lets rollbacks pass.
    applies_to_rollback: ClassVar[bool] = True

    def configured(self, raw: object) -> dict[str, Any]:
        """The configuration checked, with every default written out, as plain JSON: what a guard stores.

        Raises `Invalid` with a pointer such as `/config/tz` and what is wrong there.
        """
        if not isinstance(raw, Mapping):
            raise Invalid("a guard's configuration is an object", "/config")
        schema = self.Config()
        try:
            plain: dict[str, Any] = schema.dump(schema.load(raw))
        except ValidationError as refused:
            raise Invalid(list(problems(refused.messages, "/config"))) from refused
        return plain

    def filled(self, config: Configuration) -> Configuration:
        """A stored configuration with the defaults of fields that are younger than it."""
        if config.keys() >= self._fields.keys():
            return config
        return {**{name: _default(field) for name, field in self._fields.items()}, **config}

    @cached_property
    def _fields(self) -> dict[str, fields.Field[Any]]:
        # Making a schema takes longer than judging a guard.
        return dict(self.Config().fields)

    def needs(self, config: Configuration, question: Question) -> Sequence[EvidenceNeed]:
        """The evidence to fetch before judging; none where the question alone is enough.

        Of the question it goes by the target alone: what a target's guards need is worked out once for all.
        """
        return (EvidenceNeed("observation"),) if self.observes else ()

    def probes(self, config: Configuration) -> bool:
        """Whether a guard with this configuration probes something outside."""
        return self.observes

    def is_worth_keeping(self, data: Mapping[str, Any]) -> bool:
        """Whether a probe result is kept for later requests."""
        return True

    def answers(self, config: Configuration, data: Mapping[str, Any], question: Question) -> bool:
        """Whether an earlier probe result can be used for this request."""
        return True

    @abstractmethod
    def judge(self, config: Configuration, evidence: Evidence, question: Question) -> Judgement:
        """The verdict on values alone: same values, same verdict. `evidence` is newest first."""

    def terms(self, config: Configuration, passed: Judgement, question: Question) -> PassTerms | None:
        """How long this pass would be said again; None where it has to be judged each time.

        Meanwhile it follows from configuration and evidence, from the target, which is the same for all
        questions that it is kept for, and from what `depends_on` names.
        """
        return None

    def depends_on(self, question: Question) -> object:
        """What a pass with `terms` takes from a question beside target and instant."""
        return ()

    def sends(self, config: Configuration) -> Iterable[tuple[str, str, str]]:
        """Each secret that a probe sends: a pointer to it, its reference and the address it goes to."""
        return ()

    def observe(self, config: Configuration, question: Question, egress: Egress) -> dict[str, Any]:
        """Probe something outside and return the result as plain JSON. Never judges or uses the session."""
        raise TypeError(f"guards of kind {self.slug} observe nothing")


def problems(messages: object, pointer: str) -> Iterator[Problem]:
    """Marshmallow's nested messages as one problem per wrong place."""
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            yield from problems(inner, pointer if name == "_schema" else f"{pointer}/{_escaped(name)}")
        return
    for message in messages if isinstance(messages, list) else [messages]:
        yield Problem(pointer, str(message))


def _escaped(name: object) -> str:
    return str(name).replace("~", "~0").replace("/", "~1")


def _default(field: fields.Field[Any]) -> Any:
    """A field's default; a callable makes a fresh one, as it does when marshmallow loads."""
    return field.load_default() if callable(field.load_default) else field.load_default
