"""Clash choices: what a refused save offers for each change that both made, and what was chosen. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from postmortems.document import part_merge
from postmortems.document.part_merge import Clash
from postmortems.document.three_way_merge import Lean

LABELS: dict[Lean, str] = {"theirs": "Theirs", "mine": "Yours", "both": "Both, theirs first"}
PREFIX = "choice."


def offered(clashes: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each clash with the name of its field, the ways there are, and the one that loses least."""
    return [_offer(place, told) for place, told in enumerate(clashes)]


def _offer(place: int, told: Mapping[str, Any]) -> dict[str, Any]:
    clash = Clash(*(told[name] for name in ("kind", "part", "field", "base", "yours", "theirs")))
    ways: list[Lean] = ["theirs", "mine", "both"] if part_merge.can_hold_both(clash) else ["theirs", "mine"]
    return {
        "told": told,
        "name": f"{PREFIX}{place}",
        "ways": [(way, LABELS[way]) for way in ways],
        "first": "both" if "both" in ways else "mine",
    }


def taken(sent: Mapping[str, str]) -> list[Lean]:
    """What was chosen, in the order of the clashes; both, where somebody chose nothing that there is."""
    places = sorted(int(name.removeprefix(PREFIX)) for name in sent if _is_choice(name))
    said = [sent[f"{PREFIX}{place}"] for place in places]
    return [next((way for way in LABELS if way == each), "both") for each in said]


def _is_choice(name: str) -> bool:
    place = name.removeprefix(PREFIX)
    return name.startswith(PREFIX) and place.isascii() and place.isdigit() and len(place) < 5
