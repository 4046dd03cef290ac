"""Warnings about stored incidents, kept until a person dismisses them.

A save finds it anew. What is as odd as before stays dismissed; only what is new comes back.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, bindparam, select
from sqlalchemy.orm import Mapped, mapped_column

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db.prepared import PreparedQuery
from postmortems.db.session import Base, Body, Key, UtcDateTime, session
from postmortems.document.lint import warnings
from postmortems.document.lint.warnings import Warned
from postmortems.document.model import Document
from postmortems.errors import NotFound
from postmortems.incidents import queries
from postmortems.incidents.items import team_rights
from postmortems.incidents.models import Incident
from postmortems.incidents.parts import fresh_rows

MOST_SHOWN = 50


class IncidentWarning(Base):
    """One oddity. `line` is its line in the file that was imported, or in our Markdown; 0 if not known."""

    __tablename__ = "incident_warnings"
    __table_args__ = (UniqueConstraint("incident_id", "key"),)

    id: Mapped[Key]
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(20))
    words: Mapped[Body]
    text: Mapped[Body]
    line: Mapped[int]
    in_file: Mapped[bool] = mapped_column(default=False)
    # The entry it is about, counted through the document from 1; 0 for none.
    entry: Mapped[int] = mapped_column(default=0)
    dismissed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    dismissed_by: Mapped[str] = mapped_column(String(100), default="")


# Put together once, for every save of an incident and every look at one.
OF_INCIDENT = select(IncidentWarning).where(IncidentWarning.incident_id == bindparam("incident"))
# Most incidents have none, and then no object is asked for.
ANY = PreparedQuery(
    select(IncidentWarning.id).where(IncidentWarning.incident_id == bindparam("incident")).limit(1)
)
OPEN = (
    select(IncidentWarning)
    .where(IncidentWarning.incident_id == bindparam("incident"), IncidentWarning.dismissed_at.is_(None))
    .order_by(IncidentWarning.line, IncidentWarning.id)
    .limit(MOST_SHOWN)
)


def restate(incident: Incident, document: Document, text: str, name: str = "") -> None:
    """Find anew what is odd about a document that was just stored; `text` is it in our Markdown."""
    found = warnings.of(document, text, name=name or incident.slug)
    _keep(incident, found, text, in_file=False)


def restate_of_file(incident: Incident, found: Iterable[Warned], text: str) -> None:
    """Take what a reader found odd about a file, with the file's own lines; `text` is what it says."""
    _keep(incident, found, text, in_file=True)


def _keep(incident: Incident, found: Iterable[Warned], text: str, *, in_file: bool) -> None:
    wanted = {warned.key: warned for warned in found}
    is_new = fresh_rows.are_new(Incident, [incident.id], __name__)
    if not wanted and (is_new or not ANY.rows({"incident": incident.id})):
        return
    known = {row.key: row for row in session().scalars(OF_INCIDENT, {"incident": incident.id})}
    for key, row in known.items():
        # What only the file's text shows is there as long as its words are.
        is_still = row.kind in warnings.OF_THE_TEXT and row.words in text and not in_file
        if key not in wanted and not is_still:
            session().delete(row)
    for key, warned in wanted.items():
        row = known.get(key) or IncidentWarning(incident_id=incident.id, key=key)
        row.kind, row.words, row.text, row.entry = warned.kind, warned.words, warned.text, warned.entry
        row.line, row.in_file = warned.line, in_file
        session().add(row)
    session().flush()


def open_of(incident: Incident) -> list[IncidentWarning]:
    """What nobody has dismissed yet, the first fifty."""
    return list(session().scalars(OPEN, {"incident": incident.id}))


def dismiss(slug: str, number: int, *, actor: Actor) -> None:
    """Show a warning no more: somebody has looked. Raises `NotFound`."""
    permissions.require_anywhere(actor, "incident.save")
    incident = queries.by_slug(slug, actor)
    team_rights.require(actor, "incident.save", incident)
    row = session().get(IncidentWarning, number)
    if row is None or row.incident_id != incident.id:
        raise NotFound(f"{slug} has no such warning")
    if row.dismissed_at is not None:
        return
    row.dismissed_at, row.dismissed_by = clock.now(), actor.name
    session().flush()
    audit.record(
        actor, "incident.warning_dismissed", "incident", slug, kind=row.kind, words=row.words, text=row.text
    )
