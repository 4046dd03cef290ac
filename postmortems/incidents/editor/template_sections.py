"""Template sections in the form: what a new report begins with, another template, and what is asked. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from postmortems.document.model import Category, Entry, Item, Prose
from postmortems.incidents.editor import form
from postmortems.incidents.editor.form import Values
from postmortems.incidents.templates.template import Template, TemplateSection, is_same, key

BEGINS = {
    "timeline": (Entry(""),),
    "action_items": (Category("Process"), Item("")),
}


def begun(template: Template | None) -> Values:
    """A form with the template's sections, a blank row in each; without one, with those that most have."""
    if template is None:
        return form.complete(form.to_values(form.FRESH))
    values = form.complete(form.to_values(template.document))
    for section, asked in zip(values["sections"], template.sections, strict=True):
        section["blocks"] = section["blocks"] or _blank(asked)
    return values | {"template": template.slug}


def _blank(asked: TemplateSection) -> list[Values]:
    role = form.role({"heading": asked.heading, "blocks": []})
    return form.rows_of(BEGINS.get(role, (Prose(""),)))


def changed(values: Values, before: Template | None, after: Template) -> Values:
    """The form with another template's sections: what was written stays, known to it or not.

    Headings of `before` that nothing was written under go.
    """
    left = _headings(before)
    kept = [
        section
        for section in values["sections"]
        if is_written(section) or key(section["heading"]) not in left | {""}
    ]
    fresh = begun(after)["sections"]
    homes = [_home(section, fresh) for section in kept]
    sections: list[Values] = []
    for place, section in enumerate(fresh):
        own = [one for one, home in zip(kept, homes, strict=True) if home == place]
        sections += own or [section]
    # What the template does not know stays behind what it stood behind.
    for at, (section, home) in enumerate(zip(kept, homes, strict=True)):
        if home is None:
            before_it = kept[at - 1] if at else None
            place = next((n + 1 for n, one in enumerate(sections) if one is before_it), 0)
            sections.insert(place, section)
    return values | {"sections": sections, "template": after.slug}


def _headings(template: Template | None) -> set[str]:
    known = template.sections if template else form.FRESH.sections
    return {key(section.heading) for section in known}


def _home(section: Values, fresh: Sequence[Values]) -> int | None:
    """The place of the template's section that this one is."""
    same = [n for n, one in enumerate(fresh) if key(one["heading"]) == key(section["heading"])]
    alike = [n for n, one in enumerate(fresh) if is_same(one["heading"], section["heading"])]
    return next(iter([*same, *alike]), None)


def is_written(section: Values) -> bool:
    """Whether anything stands in the section besides its heading and the category that it began with."""
    told = [block for block in section["blocks"] if form.tells(block)]
    begun_with = [block for block in told if block["type"] == "category" and block["heading"] == "Process"]
    return bool(section["paste"].strip()) or len(told) > len(begun_with)


def prompts(values: Values, template: Template | None) -> list[str]:
    """By section of the form, what the template asks there."""
    return [_asked(section, template.sections if template else ()) for section in values["sections"]]


def _asked(section: Values, sections: Iterable[TemplateSection]) -> str:
    if not section["heading"].strip():
        return ""
    same = [one for one in sections if key(one.heading) == key(section["heading"])]
    alike = [one for one in sections if is_same(one.heading, section["heading"])]
    return next((one.prompt for one in [*same, *alike]), "")
