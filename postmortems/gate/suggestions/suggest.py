"""Suggests guards for an incident by its causes, from `data/suggestions.yaml`, with its own values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select

from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.db.session import session
from postmortems.document.model import Document, Entry, Item, Prose
from postmortems.document.times import timeline_times
from postmortems.errors import NotFound
from postmortems.gate.enforcement import guard_changes, save_incident
from postmortems.guards import queries as guards
from postmortems.guards.kinds.registry import KINDS
from postmortems.guards.models import Guard
from postmortems.incidents import rows
from postmortems.incidents.models import ActionItem, Incident
from postmortems.vault.encryption import Vault
from postmortems.zone_tables import ZoneInfo, available_timezones

# By service, the full names of its targets in promotion order.
Promoted = Mapping[str, tuple[str, ...]]
TABLE = Path(__file__).resolve().parents[3] / "data" / "suggestions.yaml"
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
# How each kind's guard is called behind the service's name, and what its title says.
NAMES = {
    "attestation": ("validated", "Somebody tried this very build before production gets it"),
    "parity": ("runs-on-staging", "Production gets what staging runs"),
    "target": ("target-confirmed", "The run names the target that it is about to change"),
    "window": ("quiet-hours", "No deploys at the time of day at which it happened"),
    "halt": ("nothing-broken", "No failed deploy waits to be mended"),
    "signoff": ("policy-known", "Whoever deploys has confirmed the policy"),
}


@dataclass(frozen=True, slots=True)
class Hit:
    """What an incident hit: the service's targets in promotion order, and the one that was hit."""

    service: str
    targets: tuple[str, ...]
    target: str

    @property
    def before(self) -> str:
        """The target that comes before it; "" where there is none."""
        place = self.targets.index(self.target)
        return self.targets[place - 1] if place else ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A guard that would answer a cause. `because`: the tag or the words by which it was recognised.

    `item`: the action item whose words those are; "" where they stand elsewhere.
    """

    cause: str
    because: str
    item: str
    kind: str
    slug: str
    title: str
    config: Mapping[str, Any]
    targets: tuple[str, ...]


def for_incident(incident: Incident) -> list[Suggestion]:
    """What could be made now; nothing of a kind that one of the incident's items has a guard of already."""
    return for_document(rows.to_document(incident), incident.items)


def for_document(
    document: Document, items: Iterable[ActionItem], promoted: Promoted | None = None
) -> list[Suggestion]:
    """The same for what is at hand: the document, its items, the targets of its services."""
    hit = _hit(document, promoted)
    if hit is None:
        return []
    named = {guard.slug for item in items for guard in item.guards}
    there = {guard.kind for guard in guards.by_slugs(named).values()} if named else set()
    wanted = list(_suggested(document, hit, there))
    if not wanted:
        return []
    taken = set(session().scalars(select(Guard.slug).where(Guard.slug.in_([one.slug for one in wanted]))))
    return [one for one in wanted if one.slug not in taken]


def take(incident: Incident, kind: str, item: str = "", *, actor: Actor, vault: Vault) -> Guard:
    """Make the suggested guard of this kind, at shadow, and name it in the item. Raises `NotFound`.

    `item` is the one to name it in where the words that ask for it stand in none.
    """
    permissions.require(actor, "guard.edit")
    chosen = next((one for one in for_incident(incident) if one.kind == kind), None)
    if chosen is None:
        raise NotFound(f"no guard of kind {kind} is suggested for {incident.slug}")
    fields = {"slug": chosen.slug, "title": chosen.title, "kind": kind, "config": chosen.config}
    guard = guard_changes.create(
        fields | {"level": "shadow", "targets": list(chosen.targets)}, actor=actor, vault=vault
    )
    named = next((one for one in rows.to_document(incident).items if one.id == (chosen.item or item)), None)
    if named is not None:
        message = f"Link the guard {guard.slug}"
        save_incident.edit_item(
            named.id, {"guards": [*named.guards, guard.slug]}, actor=actor, message=message
        )
    return guard


@cache
def causes() -> tuple[Mapping[str, Any], ...]:
    """The table: {cause, tags, words, kinds} each."""
    return tuple(yaml.safe_load(TABLE.read_text()))


def _suggested(document: Document, hit: Hit, there: set[str]) -> Iterator[Suggestion]:
    phrases = list(_said(document))
    for row in causes():
        recognised = _recognised(row, phrases, document)
        if recognised is None:
            continue
        because, item = recognised
        for kind in row["kinds"]:
            if kind in there or kind not in KINDS:
                continue
            config = _config(kind, document, hit)
            if config is None:
                continue
            there = there | {kind}
            name, title = NAMES[kind]
            slug = f"{_plain(hit.service)}-{name}"
            yield Suggestion(row["cause"], because, item, kind, slug, title, config, (hit.target,))


def _recognised(
    row: Mapping[str, Any], phrases: Sequence[tuple[str, str]], document: Document
) -> tuple[str, str] | None:
    """By what the cause is recognised, and the item whose words they are."""
    for text, item in phrases:
        for words in row["words"]:
            if words in text:
                return f"it says “{words}”", item
    tag = next((tag for tag in document.tags if tag.casefold() in row["tags"]), "")
    if not tag:
        return None
    enforceable = [item.id for item in document.items if item.guardability == "enforceable"]
    return f"it is tagged {tag}", enforceable[0] if len(enforceable) == 1 else ""


def _said(document: Document) -> Iterator[tuple[str, str]]:
    """The words of the document, each with its item's id or "". Items' words count first."""
    texts = [(item.text + " " + item.done_when, item.id) for item in document.items]
    for text, item in [*texts, *((text, "") for text in _texts(document))]:
        yield " ".join(text.casefold().split()), item


def _texts(document: Document) -> Iterator[str]:
    for section in document.sections:
        for block in section.blocks:
            if isinstance(block, Prose | Entry):
                yield block.text
            elif not isinstance(block, Item):
                yield block.heading


def _hit(document: Document, promoted: Promoted | None) -> Hit | None:
    """The first target of ours that the document names; a service alone stands for its last target."""
    names = [name.partition("/") for name in document.services]
    known = guards.promoted({service for service, _, _ in names}) if promoted is None else promoted
    for service, _, target in names:
        targets = known.get(service, ())
        full = f"{service}/{target}" if target else next(iter(targets[-1:]), "")
        if full in targets:
            return Hit(service, targets, full)
    return None


def _config(kind: str, document: Document, hit: Hit) -> dict[str, Any] | None:
    """The kind's configuration with the incident's values; None where it says too little for one."""
    match kind:
        case "attestation":
            return {"predicate": f"{_plain(hit.service)}-validated", "target": hit.before}
        case "parity":
            return {"source_target": hit.before} if hit.before else None
        case "target":
            return {}
        case "halt":
            return {"watch_targets": [name for name in (hit.before, hit.target) if name]}
        case "window":
            return _window(document)
        case _:
            return dict(KINDS[kind].sample)


def _plain(service: str) -> str:
    """What stands for the service in a slug: it may be called what no slug can be."""
    return "-".join(re.findall(r"[a-z0-9]+", service.lower())) or "service"


def _window(document: Document) -> dict[str, Any] | None:
    """From the hour in which it began to the hour after it was over, on that day of the week."""
    if document.timezone not in available_timezones():
        return None
    zone = ZoneInfo(document.timezone)
    known = [
        (entry.kind, reading.instant)
        for entry, reading in zip(document.entries, timeline_times.read_entries(document), strict=True)
        if reading.instant is not None
    ]
    if not known:
        return None
    first = next((at for kind, at in known if kind == "trigger"), known[0][1])
    last = max((at for _, at in known if at >= first and at - first < timedelta(hours=18)), default=first)
    began, ended = first.astimezone(zone), last.astimezone(zone)
    return {
        "mode": "deny",
        "tz": zone.key,
        "starts": f"{began:%H}:00",
        "ends": _hour_after(ended),
        "rrule": f"FREQ=WEEKLY;BYDAY={DAYS[began.weekday()]}",
        "reason": f"it happened {began:%A} at {began:%H:%M}",
    }


def _hour_after(at: datetime) -> str:
    return "24:00" if at.hour == 23 else f"{at.hour + 1:02d}:00"
