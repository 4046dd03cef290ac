"""Saves, ends and discards drafts. None of it is an event: only its author hears of what is typed."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, func, select

from postmortems import clock, limits
from postmortems.actor import Actor
from postmortems.db.session import session, take_turns
from postmortems.errors import Conflict, Invalid
from postmortems.incidents.drafts import queries
from postmortems.incidents.drafts.models import Draft
from postmortems.incidents.models import Incident

# Of one author: drafts, and the bytes of all of them.
MOST, MOST_BYTES = limits.DRAFTS, limits.DRAFTS_TOGETHER
LONGEST_TAB, LONGEST_TITLE, LARGEST_STEP = 32, 200, 10**9
TURN = 0x6472_6166  # "draf", for PostgreSQL.


class Unkept(Conflict):
    """A draft that was not taken: `ended` (saved or discarded), `overtaken` by another tab, or `full`."""

    def __init__(self, detail: str, state: str) -> None:
        super().__init__(detail)
        self.state = state


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed: `content` is `draft_values.content`, `version` the incident's that it began from."""

    content: str
    title: str = ""
    version: int = 0


@dataclass(frozen=True, slots=True)
class Mark:
    """Which save this is: the tab, its count, and the mark of the save that it goes on from, "" for none."""

    tab: str
    step: int = 1
    after: str = ""


def save(name: str, slug: str | None, typed: Typed, mark: Mark, *, actor: Actor) -> Draft:
    """Keep what was typed; of an incident that is not there yet where `slug` is None.

    What another tab kept in the meantime is not written over. The same again changes nothing, and what is
    late is left out. Raises `Unkept`, `Invalid` with the field, and `NotFound` for no such incident.
    """
    user_id = queries.author(actor, "incident.save")
    incident = _incident(slug, typed.version)
    size = len(typed.content.encode("utf-8", "surrogatepass"))
    _check(name, mark, size)
    take_turn(user_id)
    found = session().scalars(select(Draft).where(Draft.user_id == user_id, Draft.name == name)).first()
    if found is None:
        if mark.after:
            raise Unkept("this draft was saved or discarded elsewhere", "ended")
        found = Draft(name=name, user_id=user_id, incident=incident)
        _require_room(user_id, size)
        session().add(found)
    elif found.ended_at is not None:
        raise Unkept("this draft was saved or discarded elsewhere", "ended")
    elif not _goes_on(found, typed, mark):
        return found
    else:
        _require_room(user_id, size - found.size, more=0)
    found.version, found.content, found.size = typed.version, typed.content, size
    # No column of PostgreSQL holds a NUL.
    found.title, found.incident = typed.title.replace("\0", "")[:LONGEST_TITLE], incident
    found.tab, found.step, found.saved_at = mark.tab, mark.step, clock.now()
    session().flush()
    return found


def _goes_on(found: Draft, typed: Typed, mark: Mark) -> bool:
    """Whether this is newer than what is kept; False where that has it already. Raises `Unkept`."""
    if found.tab == mark.tab:
        return mark.step > found.step
    if mark.after == found.mark:
        return True
    if (found.content, found.version) == (typed.content, typed.version):
        return True
    raise Unkept("another tab of yours has gone on with this draft", "overtaken")


def take_turn(user_id: int) -> None:
    """Wait while another unit of work saves drafts of this account."""
    take_turns(TURN ^ user_id)


def _incident(slug: str | None, version: int) -> Incident | None:
    if slug is None:
        if version:
            raise Invalid("a draft of an incident that is not there yet began from no version", "/version")
        return None
    incident = queries.incident(slug)
    if not 1 <= version <= incident.version:
        raise Invalid(f"say which version it began from, 1 to {incident.version}", "/version")
    return incident


def _check(name: str, mark: Mark, size: int) -> None:
    if not queries.NAME.fullmatch(name):
        raise Invalid("a draft's id is 32 digits and letters from a to f", "/id")
    if not (0 < len(mark.tab) <= LONGEST_TAB and 0 <= mark.step <= LARGEST_STEP):
        raise Invalid("does not say which tab it comes from", "/tab")
    if size > limits.BODY:
        raise Invalid(f"a draft is at most {limits.in_mb(limits.BODY)}; this is longer", "")


def _require_room(user_id: int, size: int, *, more: int = 1) -> None:
    held = select(func.count(), func.coalesce(func.sum(Draft.size), 0)).select_from(Draft)
    count, total = session().execute(held.where(Draft.user_id == user_id, Draft.ended_at.is_(None))).one()
    if count + more > MOST:
        raise Unkept(f"you have {count} drafts; discard some of them first", "full")
    if size > 0 and total + size > MOST_BYTES:
        most = limits.in_mb(MOST_BYTES)
        raise Unkept(f"your drafts would be more than {most} together; discard some first", "full")


def end(name: str, incident: Incident, *, actor: Actor) -> None:
    """What was typed under this name is saved: nothing of it stays but that, and as which incident.

    So what is still on its way from the browser does not bring it back, and sent twice it is one incident.
    """
    if not queries.NAME.fullmatch(name) or actor.user_id is None:
        return
    found = session().scalars(select(Draft).where(Draft.user_id == actor.user_id, Draft.name == name)).first()
    if found is None:
        found = Draft(name=name, user_id=actor.user_id, version=0, tab="", step=0)
        session().add(found)
    _end(found, incident)
    session().flush()


def discard(name: str, *, actor: Actor) -> Draft:
    """Throw the actor's draft of that name away. Raises `NotFound`."""
    queries.author(actor, "incident.save")
    draft = queries.named(name, actor)
    _end(draft, draft.incident)
    session().flush()
    return draft


def discard_all(incident: Incident, *, actor: Actor) -> None:
    """Throw away the actor's drafts of this incident."""
    user_id = queries.author(actor, "incident.save")
    session().execute(delete(Draft).where(Draft.user_id == user_id, Draft.incident_id == incident.id))


def _end(draft: Draft, incident: Incident | None) -> None:
    now = clock.now()
    draft.content, draft.title, draft.size = "", "", 0
    draft.incident, draft.saved_at, draft.ended_at = incident, now, now
