"""Prometheus series as figures, and their comparison with a threshold."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
}
MOST_SERIES = 100
# What of its own words Prometheus is quoted with.
LONGEST_QUOTE = 200


# What a comparison says of a series, or of all: it holds, it does not, or nothing is known.
Held = bool | None
OF_NAN: dict[str, Held] = {"pass": True, "fail": False, "inconclusive": None}


def read(content: Any, asked: Sequence[float] = ()) -> dict[str, Any]:
    """Prometheus' answer as figures by series, or its `trouble`. Raises what a wrong shape raises.

    `asked` are the moments of a range, in seconds; each series says at how many of them it has no value.
    """
    if content["status"] != "success":
        return {"trouble": str(content["error"])[:LONGEST_QUOTE]}
    kind, result = content["data"]["resultType"], content["data"]["result"]
    # Such as of a store behind it that did not answer: what is missing is not known.
    warned = {"warned": str(content["warnings"][0])[:LONGEST_QUOTE]} if content.get("warnings") else {}
    if kind == "scalar":
        return warned | {"series": [_figures([result], asked)]}
    if kind not in {"vector", "matrix"}:
        return {"trouble": f"its result is a {kind}, not numbers"}
    if len(result) > MOST_SERIES:
        return {"truncated": True}
    if any("histogram" in one or "histograms" in one for one in result):
        return {
            "trouble": "a series is a native histogram; take histogram_quantile() or another number of it"
        }
    points = [one["values"] if kind == "matrix" else [one["value"]] for one in result]
    return warned | {"series": [_figures(values, asked) for values in points if values]}


def _figures(points: Sequence[Sequence[Any]], asked: Sequence[float]) -> dict[str, Any]:
    """The last, the lowest and the highest of a series, and how many are missing of those asked for."""
    numbers = [float(value) for _, value in points]
    there = {round(float(at)) for at, _ in points}
    missing = {"missing": sum(round(at) not in there for at in asked), "asked": len(asked)} if asked else {}
    finite = [number for number in numbers if not math.isnan(number)]
    has_nan = {"nan": True} if len(finite) < len(numbers) else {}
    if not finite:
        return {**has_nan, "last": _kept(math.nan), **missing}
    return {
        "last": _kept(numbers[-1]),
        "min": _kept(min(finite)),
        "max": _kept(max(finite)),
        **has_nan,
        **missing,
    }


def _kept(number: float) -> float | str:
    """As JSON can hold it, which knows neither infinity nor NaN: as Prometheus writes them."""
    if math.isnan(number):
        return "NaN"
    return number if math.isfinite(number) else f"{number:+}".replace("inf", "Inf")


def holds(
    op: str, threshold: float, reduce: str, series: Sequence[Mapping[str, Any]], nan: str = "inconclusive"
) -> Held:
    """Whether the comparison holds of the series: of each, of any, or of the greatest, least or mean.

    None: what is missing could make a difference, or is not a number and `nan` says nothing of that.
    """
    if reduce in {"max", "min", "avg"}:
        return _reduced(op, threshold, reduce, series, nan)
    held = [_one_holds(op, threshold, one, nan) for one in series]
    # A single series decides: one that does not hold for all, one that does for any.
    decisive = reduce == "any"
    if decisive in held:
        return decisive
    return None if None in held else not decisive


def _reduced(op: str, threshold: float, reduce: str, series: Sequence[Mapping[str, Any]], nan: str) -> Held:
    if any(one.get("nan") for one in series):
        return OF_NAN[nan]
    values = [float(one["last"]) for one in series]
    reduced = {"max": max(values), "min": min(values), "avg": sum(values) / len(values)}[reduce]
    return OF_NAN[nan] if math.isnan(reduced) else COMPARISONS[op](reduced, threshold)


def _one_holds(op: str, threshold: float, one: Mapping[str, Any], nan: str) -> Held:
    """Of one series, all the time: a value that does not hold is enough, a gap or NaN leaves it open."""
    if "min" in one:
        compare, low, high = COMPARISONS[op], float(one["min"]), float(one["max"])
        # The lowest and the highest decide; not to be equal it must lie beyond one of them.
        is_beyond = threshold < low or threshold > high
        if not (is_beyond if op == "!=" else compare(low, threshold) and compare(high, threshold)):
            return False
    of_nan = OF_NAN[nan] if one.get("nan") else True
    return None if of_nan and one.get("missing") else of_nan


def gaps(series: Sequence[Mapping[str, Any]]) -> str:
    """Of the series with the most gaps: `58 of 61`, or empty where there are none."""
    worst = max(series, key=lambda one: one.get("missing", 0), default={})
    return f"{worst['missing']} of {worst['asked']}" if worst.get("missing") else ""


def few(series: Sequence[Mapping[str, Any]]) -> str:
    """The last values, as far as a person wants to read them."""
    told = ", ".join(map(_shown, series[:3]))
    return told + (f" and {len(series) - 3} more" if len(series) > 3 else "")


def _shown(one: Mapping[str, Any]) -> str:
    value = one.get("last")
    # An older probe result has no word for what is not a number.
    return f"{value:g}" if isinstance(value, int | float) else str(value or "NaN")
