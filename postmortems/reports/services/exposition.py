"""Metrics as text, in the two formats that Prometheus and those like it read. Pure.

The text format 0.0.4 of Prometheus (prometheus.io/docs/instrumenting/exposition_formats), and OpenMetrics
1.0.0, which differs in quotes in help texts, the names of counters, and its last line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

PLAIN = "text/plain; version=0.0.4; charset=utf-8"
OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
# Versions of OpenMetrics that a reader may ask for and that our text is one of; "" where none is asked for.
VERSIONS = frozenset({"", "0.0.1", "1.0.0"})

Labels = tuple[tuple[str, str], ...]
Number = int | float
Help = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Gauge:
    """What goes up and down: its name, what it counts, and a value for each set of labels."""

    name: str
    help: str
    samples: tuple[tuple[Labels, Number], ...]

    def lines(self, in_help: Help, *, is_open: bool) -> Iterator[str]:
        yield from _head(self.name, self.help, "gauge", in_help)
        for labels, value in self.samples:
            yield _sample(self.name, labels, value)


@dataclass(frozen=True, slots=True)
class Counter:
    """What only grows. Its name is without the `_total` that each sample has."""

    name: str
    help: str
    samples: tuple[tuple[Labels, Number], ...]

    def lines(self, in_help: Help, *, is_open: bool) -> Iterator[str]:
        yield from _head(self.name if is_open else f"{self.name}_total", self.help, "counter", in_help)
        for labels, value in self.samples:
            yield _sample(f"{self.name}_total", labels, value)


@dataclass(frozen=True, slots=True)
class Histogram:
    """How long things took. `samples`: for each set of labels how many up to each end, the last of which is
    `+Inf`, and the sum in seconds."""

    name: str
    help: str
    samples: tuple[tuple[Labels, tuple[tuple[str, int], ...], float], ...]

    def lines(self, in_help: Help, *, is_open: bool) -> Iterator[str]:
        yield from _head(self.name, self.help, "histogram", in_help)
        for labels, ends, total in self.samples:
            for end, count in ends:
                yield _sample(f"{self.name}_bucket", (*labels, ("le", end)), count)
            yield _sample(f"{self.name}_sum", labels, total)
            yield _sample(f"{self.name}_count", labels, ends[-1][1])


Family = Gauge | Counter | Histogram


def to_plain(families: Sequence[Family]) -> str:
    """The text format 0.0.4."""
    return "".join(line for family in families for line in family.lines(_unbroken, is_open=False))


def to_open_metrics(families: Sequence[Family]) -> str:
    """OpenMetrics 1.0.0."""
    told = "".join(line for family in families for line in family.lines(_quoted, is_open=True))
    return f"{told}# EOF\n"


def _head(name: str, meaning: str, sort: str, in_help: Help) -> Iterator[str]:
    yield f"# HELP {name} {in_help(meaning)}\n"
    yield f"# TYPE {name} {sort}\n"


def _sample(name: str, labels: Labels, value: Number) -> str:
    return f"{name}{_braced(labels)} {value}\n"


def _braced(labels: Labels) -> str:
    said = ",".join(f'{name}="{_quoted(value)}"' for name, value in labels)
    return f"{{{said}}}" if said else ""


def _unbroken(text: str) -> str:
    return text.replace("\\", r"\\").replace("\n", r"\n")


def _quoted(text: str) -> str:
    return _unbroken(text).replace('"', r"\"")
