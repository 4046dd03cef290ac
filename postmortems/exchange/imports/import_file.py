"""Imports one file in a unit of work of its own, and says what came of it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from difflib import unified_diff
from typing import Any

from sqlalchemy.exc import OperationalError, SQLAlchemyError

from postmortems import visibility
from postmortems.actor import Actor
from postmortems.db import session as db
from postmortems.document.lint import blank_forms
from postmortems.document.readers import registry as readers_registry
from postmortems.errors import NotFound, Refusal, Stale
from postmortems.exchange.imports import apply, beside, parse_report
from postmortems.exchange.imports.files import ImportFile
from postmortems.exchange.imports.normalise import ImportDefaults
from postmortems.exchange.imports.parse_report import Understood
from postmortems.incidents import queries
from postmortems.reviews import operations as reviews
from postmortems.reviews.models import LONGEST_NAME

log = logging.getLogger(__name__)

LONGEST_DIFF, LONGEST_DETAIL, LONGEST_TEXT = 400, 1_000, 200_000


@dataclass(frozen=True, slots=True)
class Report:
    """Report on one file. `detail` says why it failed; a conflict has both texts, `mine` is the file's."""

    result: str
    slug: str = ""
    detail: str = ""
    understood: Understood | None = None
    diff: tuple[str, ...] = ()
    mine: str = ""
    theirs: str = ""
    # Where the two edits of a conflict are brought together; nowhere before the import is applied.
    review: str = ""

    def as_json(self) -> dict[str, Any]:
        """For a report that is stored."""
        return {
            "detail": self.detail,
            **(self.understood.as_json() if self.understood else {}),
            "diff": list(self.diff),
            "mine": self.mine[:LONGEST_TEXT],
            "theirs": self.theirs[:LONGEST_TEXT],
            "review": self.review,
        }


def bring(
    file: ImportFile,
    filled: ImportDefaults,
    *,
    actor: Actor,
    is_dry_run: bool = False,
    with_templates: bool = True,
    note: Callable[[Report], None] = lambda _report: None,
) -> Report:
    """Import a file, or only see what would come of it; `filled` is for what the file does not say.

    Without `with_templates` a form that nobody has filled in is only named. `note` is told inside the unit of
    work that keeps the outcome, whatever it is. What is wrong with the file is the report's; only a database
    that does not answer raises.
    """
    try:
        form = None if with_templates else _blank_form(file)
        report = form or _brought(file, filled, actor, note=None if is_dry_run else note)
    except OperationalError:
        raise
    except Stale as stale:
        report = _conflict(file, stale)
        if not is_dry_run and len(file.name) <= LONGEST_NAME:
            # Who deletes the incident at this moment leaves nothing to bring together.
            with suppress(NotFound):
                return _asked(file, filled, stale, report, actor, note)
    except (Refusal, SQLAlchemyError) as refusal:
        report = Report("failed", detail=_said(file, refusal))
    except Exception:
        # One file must not stop the others, whatever is wrong with it or with us.
        log.exception("the import of %s failed", file.shown)
        report = Report("failed", detail=f"{file.shown}: something went wrong here; the server's log has it")
    else:
        if not is_dry_run and form is None:
            return report
    with db.transaction():
        note(report)
    return report


def _blank_form(file: ImportFile) -> Report | None:
    """What is said of a template; None for a report."""
    if file.trouble:
        return None
    document = readers_registry.read(file.name, file.content, as_format=file.format)
    text = readers_registry.text_of(file.name, file.content, as_format=file.format)
    if not blank_forms.is_template(document, text, file.name):
        return None
    detail = f"{file.shown}: a template that nobody has filled in; it is imported only where you ask for it"
    return Report("template", detail=detail)


def _brought(
    file: ImportFile, filled: ImportDefaults, actor: Actor, note: Callable[[Report], None] | None
) -> Report:
    if file.trouble:
        raise Refusal(file.trouble)
    document = readers_registry.read(file.name, file.content, as_format=file.format)
    understood = parse_report.understood(document, file.name, file.content, file.format, file.identity)
    file = beside.within(file)
    if note is None:
        missing = (*file.stored.missing, *beside.troubles(file.beside))
    else:
        file = beside.stored(file, actor)
        missing = file.stored.missing
    understood = replace(understood, warnings=(*understood.warnings, *missing))
    db.begin()
    is_done = False
    try:
        # An operator's file that says whom it is restricted to is known again by what is stored of it.
        is_known = actor.kind == "system" and document.restricted
        with visibility.seen_by(visibility.EVERYTHING if is_known else visibility.viewer()):
            came = apply.import_document(
                document,
                file.name,
                actor=actor,
                content=file.content,
                service=filled.service,
                timezone=filled.timezone,
                warned=understood.warnings,
                stored=file.stored,
                origin=apply.Origin(file.format, file.identity),
            )
        diff = _diff(came.before, came.after, "stored", "then") if came.result == "changed" else ()
        report = Report(came.result, came.slug, understood=understood, diff=diff)
        if note is not None:
            note(report)
        is_done = note is not None
    finally:
        db.finish(keep=is_done)
    return report


def _conflict(file: ImportFile, stale: Stale) -> Report:
    return Report(
        "conflict",
        slug=stale.slug,
        detail=_said(file, stale),
        mine=stale.mine,
        theirs=stale.theirs,
        diff=_diff(stale.theirs, stale.mine, "stored here", "in the file"),
    )


def _asked(
    file: ImportFile,
    filled: ImportDefaults,
    stale: Stale,
    report: Report,
    actor: Actor,
    note: Callable[[Report], None],
) -> Report:
    """The conflict with the review in which somebody brings both edits together; neither is overwritten."""
    edits = reviews.Edits(
        "", file.name, file.content, stale.mine, stale.theirs, stale.merged, stale.version,
        filled.service, filled.timezone,
    )  # fmt: skip
    sees = visibility.EVERYTHING if actor.kind == "system" else visibility.viewer()
    with db.transaction(), visibility.seen_by(sees):
        incident = queries.for_saving(stale.slug)
        review = reviews.open_conflict(incident, edits, actor=actor)
        place = f"/incidents/{stale.slug}/reviews/{review.id}"
        told = f"{file.shown}: edited here too, in the same lines; merge both at {place}"
        asked = replace(report, detail=told, review=place)
        note(asked)
    return asked


def _said(file: ImportFile, refusal: Exception) -> str:
    """Why, in one line that names the file as whoever gave it does."""
    line = " ".join(str(refusal).split())[:LONGEST_DETAIL]
    if file.name and line.startswith(file.name):
        return f"{file.shown}{line[len(file.name) :]}"
    return line if line.startswith(file.shown) else f"{file.shown}: {line}"


def _diff(before: str, after: str, one: str, other: str) -> tuple[str, ...]:
    """What differs, a line each; `…` at the end of what is too long."""
    lines = list(unified_diff(before.splitlines(), after.splitlines(), one, other, n=1, lineterm=""))
    if len(lines) <= LONGEST_DIFF:
        return tuple(lines)
    return (*lines[:LONGEST_DIFF], f"… {len(lines) - LONGEST_DIFF} more lines")
