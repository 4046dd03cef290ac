"""Metrics as text, in the two formats that Prometheus and those like it read. Pure.

The text format 0.0.4 of Prometheus (prometheus.io/docs/instrumenting/exposition_formats), and OpenMetrics
1.0.0, which differs in quotes in help texts and its last line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

PLAIN = "text/plain; version=0.0.4; charset=utf-8"
OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
# Versions of OpenMetrics that a reader may ask for and that our text is one of; "" where none is asked for.
VERSIONS = frozenset({"", "0.0.1", "1.0.0"})

Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Gauge:
    """What goes up and down: its name, what it counts, and a value for each set of labels."""

    name: str
    help: str
    samples: tuple[tuple[Labels, int], ...]


def to_plain(gauges: Sequence[Gauge]) -> str:
    """The text format 0.0.4."""
    return "".join(_lines(gauges, _unbroken))


def to_open_metrics(gauges: Sequence[Gauge]) -> str:
    """OpenMetrics 1.0.0."""
    return "".join(_lines(gauges, _quoted)) + "# EOF\n"


def _lines(gauges: Sequence[Gauge], in_help: Callable[[str], str]) -> Iterator[str]:
    for gauge in gauges:
        yield f"# HELP {gauge.name} {in_help(gauge.help)}\n"
        yield f"# TYPE {gauge.name} gauge\n"
        for labels, value in gauge.samples:
            yield f"{gauge.name}{_braced(labels)} {value}\n"


def _braced(labels: Labels) -> str:
    said = ",".join(f'{name}="{_quoted(value)}"' for name, value in labels)
    return f"{{{said}}}" if said else ""


def _unbroken(text: str) -> str:
    return text.replace("\\", r"\\").replace("\n", r"\n")


def _quoted(text: str) -> str:
    return _unbroken(text).replace('"', r"\"")
