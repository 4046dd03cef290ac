"""Queries of templates: the starters, with what an admin wrote in their place and beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from sqlalchemy import select

from postmortems.db.session import session
from postmortems.errors import NotFound
from postmortems.incidents.templates import template
from postmortems.incidents.templates.models import StoredTemplate
from postmortems.incidents.templates.template import Template

STARTERS = Path(__file__).resolve().parents[3] / "data" / "templates"


@cache
def starters() -> dict[str, Template]:
    """By id, the templates that come with the service."""
    return {
        path.stem: replace(template.read(path.read_text("utf-8")), slug=path.stem, is_starter=True)
        for path in sorted(STARTERS.glob("*.md"))
    }


def all_templates() -> list[Template]:
    """All that are offered, by order and name."""
    known = dict(starters())
    for row in session().scalars(select(StoredTemplate)):
        known.pop(row.slug, None)
        if row.text:
            known[row.slug] = _of(row)
    return template.best_first(known.values(), None, None)


def fitting(severity: str | None, services: Sequence[str] | None) -> list[Template]:
    """Those that fit, the best first; what is None is not asked."""
    return [
        one
        for one in template.best_first(all_templates(), severity, services)
        if template.fits(one, severity, services)
    ]


def named(slug: str) -> Template:
    """One by its id. Raises `NotFound`."""
    row = session().get(StoredTemplate, slug) if "\0" not in slug else None
    if row is not None and row.text:
        return _of(row)
    if row is None and slug in starters():
        return starters()[slug]
    raise NotFound(f"there is no template {slug!r}")


def taken_away() -> list[Template]:
    """The starters that are not offered any more."""
    offered = {one.slug for one in all_templates()}
    return [one for slug, one in starters().items() if slug not in offered]


def _of(row: StoredTemplate) -> Template:
    is_starter = row.slug in starters()
    read = template.read(row.text)
    return replace(read, slug=row.slug, version=row.version, is_starter=is_starter, is_changed=is_starter)
