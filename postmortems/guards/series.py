"""What Prometheus answers, as a few figures a series, and how they compare with a threshold."""

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


def read(content: Any) -> dict[str, Any]:
    """Prometheus' answer as figures by series, or its `trouble`. Raises what a wrong shape raises."""
    if content["status"] != "success":
        return {"trouble": str(content["error"])[:LONGEST_QUOTE]}
    kind, result = content["data"]["resultType"], content["data"]["result"]
    if kind == "scalar":
        return {"series": [_figures([result[1]])]}
    if kind not in {"vector", "matrix"}:
        return {"trouble": f"its result is a {kind}, not numbers"}
    if len(result) > MOST_SERIES:
        return {"truncated": True}
    points = [
        [value for _, value in one["values"]] if kind == "matrix" else [one["value"][1]] for one in result
    ]
    return {"series": [_figures(values) for values in points if values]}


def _figures(values: Sequence[str]) -> dict[str, Any]:
    """The last, the lowest and the highest of a series; JSON knows no NaN and no infinity."""
    numbers = [float(value) for value in values]
    if any(math.isnan(number) for number in numbers):
        return {"nan": True, "last": None}
    finite = [max(-1e308, min(1e308, number)) for number in numbers]
    return {"last": finite[-1], "min": min(finite), "max": max(finite)}


def holds(op: str, threshold: float, reduce: str, series: Sequence[Mapping[str, float]]) -> bool:
    """Whether the comparison holds of the series: of each, of any, or of the greatest, least or mean."""
    compare = COMPARISONS[op]
    if reduce in {"max", "min", "avg"}:
        values = [one["last"] for one in series]
        reduced = {"max": max(values), "min": min(values), "avg": sum(values) / len(values)}
        return compare(reduced[reduce], threshold)
    # Over a time, the lowest and the highest decide; not to be equal it must lie beyond one of them.
    held = [
        threshold < one["min"] or threshold > one["max"]
        if op == "!="
        else compare(one["min"], threshold) and compare(one["max"], threshold)
        for one in series
    ]
    return all(held) if reduce == "all" else any(held)


def few(series: Sequence[Mapping[str, float]]) -> str:
    """The last values, as far as a person wants to read them."""
    told = ", ".join(f"{one['last']:g}" for one in series[:3] if one.get("last") is not None)
    return told + (f" and {len(series) - 3} more" if len(series) > 3 else "")
