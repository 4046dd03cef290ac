"""A case of the bench: what we do, what the plainest way and another build do for the same work."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import perf_counter

from tests.bench.measuring import Call, Clock, Figures, Row, by_turns
from tests.bench.server import Refused, Served


@dataclass(frozen=True, slots=True)
class Case:
    """Calls to compare, each doing the work `per` times; or `figures`, of what is no time."""

    work: str
    goal: str
    ours: Call | None = None
    plain: Call | None = None
    then: Call | None = None
    per: int = 1
    unit: str = "ms"
    figures: tuple[Figures, Figures, Figures] = ((), (), ())


@dataclass(frozen=True, slots=True)
class Bench:
    """What is served: this version, the plain application on the same world, and another build on its own."""

    ours: Served
    plain: Served
    theirs: Served | None
    options: argparse.Namespace
    clock: Clock = perf_counter

    def case(self, work: str, goal: str, make: Callable[[Served], Call], plain: Call | None = None) -> Case:
        """A case of what both builds do alike."""
        return Case(work, goal, make(self.ours), plain, make(self.theirs) if self.theirs else None)


Maker = Callable[[Bench], Iterator[Case]]


def measured(bench: Bench, number: str, case: Case, database: str, size: str) -> Row:
    """The line of the table that the case gives."""
    found = case.figures if case.ours is None else _timed(case, bench)
    ours, plain, then = (tuple(figure / case.per for figure in some) for some in found)
    return Row(number, case.work, database, size, ours, plain, case.goal, then, case.unit)


def _timed(case: Case, bench: Bench) -> tuple[Figures, Figures, Figures]:
    assert case.ours is not None
    then = case.then and _working(case.then)
    calls = [call for call in (case.ours, case.plain, then) if call]
    figures = iter(by_turns(calls, seconds=bench.options.seconds, clock=bench.clock))
    ours = next(figures)
    return ours, next(figures) if case.plain else (), next(figures) if then else ()


def _working(call: Call) -> Call | None:
    """The call, unless the other build refuses it: an older one may give up where there is much."""
    try:
        call()
    except (Refused, TimeoutError) as error:
        print(f"  the other build: {error}", file=sys.stderr)
        return None
    return call
