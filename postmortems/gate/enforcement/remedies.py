"""Remedies when an item may not be closed: a choice, a field to fill in, or a page to go to. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from postmortems.errors import Remedy

CHOICES = (
    Remedy("choose_enforceable", "A guard can stop it", "guardability", "enforceable"),
    Remedy("choose_attestable", "People confirm it", "guardability", "attestable"),
    Remedy("choose_not_guardable", "Neither: choose it and give the reason", "guardability", "not_guardable"),
)


def ways_out(
    reason_code: str,
    *,
    ref: str,
    incident: str,
    protection: str,
    guards: Sequence[str],
    is_admin: bool,
) -> tuple[Remedy, ...]:
    """What may be done about a refusal with this reason, the plainest first.

    `incident` is a slug, `guards` are the slugs that the item names, `protection` is its present one.
    """
    remedies = list(_of(reason_code, ref, incident, protection, guards))
    if reason_code not in {"undropped", ""}:
        remedies.append(
            Remedy("close_with_reason", "Close it as an admin, with a reason", "reason")
            if is_admin
            else Remedy("ask_admin", "Ask an admin to close it with a reason")
        )
    return tuple(remedies)


def _of(code: str, ref: str, incident: str, protection: str, guards: Sequence[str]) -> Iterator[Remedy]:
    if code == "undecided":
        yield from CHOICES
    elif code == "unproven":
        yield from _proof(ref, incident, protection, guards)
    elif code == "owned":
        yield Remedy("ask_another", "Ask somebody else to close it", page=f"/action-items/{ref}")
        yield Remedy("change_owner", "Record another owner first, in a save of its own", "owner")
    elif code == "unreasoned":
        yield Remedy("give_reason", "Say why no guard can stop it", "reason")
    elif code == "unanswered":
        yield Remedy("record_outcome", "Record the outcome", "outcome")
    elif code == "undropped":
        yield Remedy("give_reason", "Say why it will not be done", "reason")


def _proof(ref: str, incident: str, protection: str, guards: Sequence[str]) -> Iterator[Remedy]:
    if not guards:
        yield Remedy("make_guard", "Make a guard for it", page=f"/guards/new?item={ref}")
    if protection == "shadow":
        for slug in guards:
            yield Remedy("raise_guard", f"Raise {slug} to soft or hard", page=f"/guards/{slug}")
    if guards:
        yield Remedy("run_drill", "Record or run a drill", page=f"/incidents/{incident}#would-stop")
