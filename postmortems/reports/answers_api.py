"""Answers of reports: as JSON, CSV, Markdown or PDF, and briefly to whoever has the same already."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from flask import Response, jsonify

from postmortems.actor import Actor
from postmortems.db import session as db
from postmortems.web import downloads
from postmortems.web.kept import late, parts
from postmortems.web.pdf import pdf

FORMATS = {
    "json": "application/json",
    "csv": "text/csv",
    "markdown": "text/markdown",
    "pdf": "application/pdf",
}
# What a view answers besides JSON, and the refusals that come with PDF.
ALSO = tuple(FORMATS.values())[1:]
REFUSALS = (422, 429, 501)


@dataclass(frozen=True, slots=True)
class Forms:
    """A report in each form, made when it is asked for.

    `says` is what it says in a form but for the moment, by the form's name.
    """

    json: Callable[[], dict[str, Any]]
    csv: Callable[[], str]
    markdown: Callable[[], str]
    html: Callable[[], str]
    says: Callable[[str], object]


def answered(
    form: str, name: str, of: Callable[[], Forms], *, bom: bool, kept_as: Hashable | None = None
) -> Response:
    """The report in one of `FORMATS`, as a file of that name; for views with units of their own.

    With `kept_as`, which says what is asked for, its JSON is kept as a page is: it may depend on the day, and
    says `as_of` when it was asked for. Raises `Unavailable` and `TooMany` where no PDF can be made.
    """
    if form == "json" and kept_as is not None:
        return _kept(kept_as, of)
    with db.reading(may_lag=True):
        forms = of()
        tag = _tag(form, forms, bom=bom)
        made = downloads.unless_known(tag, lambda: _made(form, name, forms, bom=bom))
        made.vary.add("Accept")
    if form == "pdf" and made.status_code == 200:
        # It takes seconds: no unit of work waits for it.
        made.set_data(pdf.pdf(made.get_data(as_text=True)))
        made.mimetype = "application/pdf"
    return made


def _tag(form: str, forms: Forms, *, bom: bool = False) -> str:
    return hashlib.sha256(f"{form} {bom} {forms.says(form)!r}".encode()).hexdigest()[:32]


def _kept(name: Hashable, of: Callable[[], Forms]) -> Response:
    def told(_actor: Actor) -> str:
        forms = of()
        said = forms.json() | {"as_of": late.mark(late.INSTANT)}
        return f"{_tag('json', forms)}\n{jsonify(said).get_data(as_text=True)}"

    with db.glancing(may_lag=True):
        tag, _, text = parts.shown(("json", name), told, is_personal=False).partition("\n")
    made = downloads.unless_known(tag, lambda: Response(text, mimetype="application/json"))
    made.vary.add("Accept")
    return made


def _made(form: str, name: str, forms: Forms, *, bom: bool) -> Response:
    if form == "csv":
        return downloads.csv(iter([forms.csv()]), f"{name}.csv", bom=bom)
    if form == "markdown":
        return Response(forms.markdown(), mimetype="text/markdown")
    if form == "pdf":
        return downloads.named(Response(forms.html()), f"{name}.pdf")
    return jsonify(forms.json())
