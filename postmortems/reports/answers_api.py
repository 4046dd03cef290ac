"""Answers of reports: as JSON, CSV, Markdown or PDF, and briefly to whoever has the same already."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Response, jsonify

from postmortems.db import session as db
from postmortems.web import downloads
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


def answered(form: str, name: str, of: Callable[[], Forms], *, bom: bool) -> Response:
    """The report in one of `FORMATS`, as a file of that name; for views with units of their own.

    Raises `Unavailable` and `TooMany` where no PDF can be made.
    """
    with db.reading(may_lag=True):
        forms = of()
        tag = hashlib.sha256(f"{form} {bom} {forms.says(form)!r}".encode()).hexdigest()[:32]
        made = downloads.unless_known(tag, lambda: _made(form, name, forms, bom=bom))
        made.vary.add("Accept")
    if form == "pdf" and made.status_code == 200:
        # It takes seconds: no unit of work waits for it.
        made.set_data(pdf.pdf(made.get_data(as_text=True)))
        made.mimetype = "application/pdf"
    return made


def _made(form: str, name: str, forms: Forms, *, bom: bool) -> Response:
    if form == "csv":
        return downloads.csv(iter([forms.csv()]), f"{name}.csv", bom=bom)
    if form == "markdown":
        return Response(forms.markdown(), mimetype="text/markdown")
    if form == "pdf":
        return downloads.named(Response(forms.html()), f"{name}.pdf")
    return jsonify(forms.json())
