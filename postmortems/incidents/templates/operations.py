"""Writes, changes and deletes templates."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError

from postmortems import clock, search_words
from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db.session import session
from postmortems.errors import Conflict, NotFound
from postmortems.incidents import slugs
from postmortems.incidents.approvals import queries as approvals
from postmortems.incidents.templates import queries, template
from postmortems.incidents.templates.models import StoredTemplate
from postmortems.incidents.templates.template import Template

MOST, LONGEST_SLUG = 200, 80


def create(markdown: str, *, actor: Actor) -> Template:
    """Write a new template. Raises `Invalid` for a text that is none, `Conflict` where the name is taken."""
    permissions.require(actor, "template.edit")
    read = template.read(markdown)
    _refuse_taken(read.name, "")
    if len(queries.all_templates()) >= MOST:
        raise Conflict(f"there are {MOST} templates already: delete one first")
    wanted = slugs.slug_for(read.name, None)[:LONGEST_SLUG].strip("-") or "template"
    taken = {one.slug for one in [*queries.all_templates(), *queries.taken_away()]}
    return _store(slugs.unique(wanted, taken), read, 1, "template.created", actor)


def change(slug: str, markdown: str, *, actor: Actor, version: int | None = None) -> Template:
    """Write a template anew; reports that were begun with it stay as they are.

    `version` is the one that was edited. Raises `NotFound`, `Invalid`, and `Conflict` where somebody saved
    since, or the name is taken.
    """
    permissions.require(actor, "template.edit")
    known = queries.named(slug)
    if version not in (None, known.version):
        raise Conflict("somebody else changed this template since you opened it: look at theirs first")
    read = template.read(markdown)
    _refuse_taken(read.name, slug)
    if read.markdown == known.markdown:
        return known
    _refuse_last(known, read)
    return _store(slug, read, known.version + 1, "template.changed", actor)


def delete(slug: str, *, actor: Actor) -> None:
    """Offer a template no more; a starter can be brought back.

    Raises `NotFound`, and `Conflict` where it is the last with a section that a severity requires.
    """
    permissions.require(actor, "template.edit")
    known = queries.named(slug)
    _refuse_last(known, None)
    row = session().get(StoredTemplate, slug)
    if known.is_starter:
        row = row or StoredTemplate(slug=slug, version=0)
        row.text, row.name_key, row.version = "", f"\t{slug}", row.version + 1
        row.saved_by, row.saved_at = actor.name, clock.now()
        session().add(row)
    elif row is not None:
        session().delete(row)
    session().flush()
    audit.record(actor, "template.deleted", "template", slug, name=known.name, markdown=known.markdown)


def bring_back(slug: str, *, actor: Actor) -> Template:
    """Offer a starter again as it came with the service, whatever was made of it. Raises `NotFound`."""
    permissions.require(actor, "template.edit")
    starter = queries.starters().get(slug)
    if starter is None:
        raise NotFound(f"no template {slug!r} comes with the service")
    _refuse_taken(starter.name, slug)
    for known in queries.all_templates():
        if known.slug == slug:
            _refuse_last(known, starter)
    row = session().get(StoredTemplate, slug)
    if row is not None:
        session().delete(row)
        session().flush()
        audit.record(actor, "template.brought_back", "template", slug, name=starter.name)
    return starter


def _refuse_last(known: Template, then: Template | None) -> None:
    """Where a severity requires a section, some template for it has to have it: authors begin with those."""
    others = [one for one in queries.all_templates() if one.slug != known.slug] + ([then] if then else [])
    for severity, rule in approvals.publish_rules().items():
        for wanted in rule.required_sections:
            if _offers(known, severity, wanted) and not any(_offers(one, severity, wanted) for one in others):
                called = severity or "a report without a severity"
                raise Conflict(
                    f"{called} requires the section {wanted} before publishing, and no other template for it "
                    f"has that: add it to another template first, or stop requiring it in the publish rules"
                )


def _offers(one: Template, severity: str, wanted: str) -> bool:
    is_there = any(template.is_same(each.heading, wanted) for each in one.sections)
    return is_there and template.fits(one, severity, None)


def _refuse_taken(name: str, slug: str) -> None:
    wanted = search_words.fold(name)
    for other in queries.all_templates():
        if other.slug != slug and search_words.fold(other.name) == wanted:
            raise Conflict(f"there is a template named {other.name} already: give this one another name")


def _store(slug: str, read: Template, version: int, verb: str, actor: Actor) -> Template:
    row = session().get(StoredTemplate, slug) or StoredTemplate(slug=slug)
    row.name_key, row.text, row.version = search_words.fold(read.name), read.markdown, version
    row.saved_by, row.saved_at = actor.name, clock.now()
    try:
        with session().begin_nested():
            session().add(row)
    except IntegrityError:
        raise Conflict(f"somebody else wrote {read.name} at this moment: look at theirs first") from None
    audit.record(actor, verb, "template", slug, name=read.name, version=version)
    return queries.named(slug)
