"""Rendering of templates: filters for times and Markdown."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from time import monotonic
from typing import Any

from flask import Flask, Response, flash, g, make_response, redirect, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from postmortems import clock, zone_tables
from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.db import session as db
from postmortems.document.markdown.items import item_blanks
from postmortems.document.markdown.references import References
from postmortems.errors import Conflict, Invalid
from postmortems.incidents.editor import kind_proposals
from postmortems.incidents.items import item_quality, team_rights
from postmortems.incidents.mentions import queries as mentions
from postmortems.incidents.models import ActionItem, Incident
from postmortems.notify.inbox import queries as inbox
from postmortems.web import auth, forms, glossary
from postmortems.web.forms import Errors
from postmortems.web.kept import late
from postmortems.web.markdown import anchors, mention_links, pictures, safe_html

MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86400
# A page of 300 entries takes a tenth of this; one of many texts that each take their second must end too.
LONGEST_RENDERING_S = 8.0


def install(app: Flask) -> None:
    """Teach the templates our filters, and who is looking."""
    app.jinja_env.filters.update(anchor=anchors.anchor)
    app.jinja_env.filters.update(markdown=as_html, day=day, moment=moment, ago=ago, sentence=sentence)
    app.jinja_env.filters.update(headline=headline)
    app.jinja_env.globals.update(meaning=glossary.meaning, badges=glossary.Badges, present=present)
    app.jinja_env.globals.update(item_hints=item_quality.of, proposed_kind=kind_proposals.proposed)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True

    @app.context_processor
    def _who_is_looking() -> dict[str, Any]:
        actor = auth.current_actor()
        return {
            "actor": actor,
            "may": lambda act, what=None: _may(actor, act, what),
            "may_anywhere": lambda act: permissions.may_anywhere(actor, act),
            "now": clock.now(),
            # Asked by the frame of a page alone, which has room for a number.
            "unread": lambda: inbox.unread(actor) if db.is_open() and actor.is_person else 0,
        }


def _may(actor: Actor, act: str, what: Incident | ActionItem | str | None) -> bool:
    """Whether who looks may do this to an incident, an item, or about a target, where roles in teams count;
    or to anything."""
    if what is None or not permissions.depends(actor, act):
        return permissions.may(actor, act)
    if isinstance(what, str):
        services: dict[str, frozenset[str]] = g.setdefault("own_services", {})
        if act not in services:
            services[act] = team_rights.services(actor, act)
        return team_rights.may_target(actor, act, what, services[act])
    # A page asks often of one thing.
    kept: dict[tuple[type, int, str], bool] = g.setdefault("may", {})
    key = (type(what), what.id, act)
    if key not in kept:
        kept[key] = team_rights.may_with(actor, act, what)
    return kept[key]


def sentence(text: str) -> str:
    """A text that begins with a capital; the names in it stay as they are written."""
    return text[:1].upper() + text[1:]


def headline(text: str) -> str:
    """What an item says where it is named: without tags, and without the fields that nobody filled in."""
    return Markup(item_blanks.told(text)).striptags()


def page(template: str, **values: Any) -> str:
    """A whole page."""
    return with_mentions(render_template(template, **values))


def after_form(
    act: Callable[[], object], said: str, to: str, again: Callable[[Errors], AnyResponse]
) -> AnyResponse:
    """Do what a form asks for and go on; where it is refused, its page `again`, with what is wrong."""
    try:
        act()
    except (Invalid, Conflict) as refusal:
        return again(forms.errors(refusal, "name"))
    flash(said, "success")
    return redirect(to, 303)


def form_page(template: str, *, errors: Errors | None = None, **values: Any) -> Response:
    """A page with a form and what is wrong in it, by field; status 422 where anything is."""
    return make_response(page(template, errors=errors or {}, **values), 422 if errors else 200)


def page_or_part(page: str, part: str, **values: Any) -> Response:
    """The part alone when htmx asks for it, else the page that includes it."""
    whole = render_template(part if "HX-Request" in request.headers else page, **values)
    response = make_response(with_mentions(whole))
    # A cache that has one must not answer with it when asked for the other.
    response.vary.add("HX-Request")
    return response


def with_mentions(html: str) -> str:
    """A page with links where it mentions people, and incidents that its reader may see.

    What was rendered is kept for all readers, so this is done last, for the whole page, by two queries.
    """
    people, slugs = mention_links.written(html)
    if not permissions.may(auth.current_actor(), "incident.read") or not (people or slugs):
        return mention_links.bare(html)
    with nullcontext() if db.is_open() else db.reading():
        accounts = {name: user.name for name, user in mentions.accounts(people).items()}
        return mention_links.linked(html, mention_links.Known(accounts, mentions.titles(slugs)))


def as_html(text: str | None, references: References | None = None) -> Markup:
    """Markdown as HTML. What a page has no time left for is shown as the text it is.

    `references` are the definitions of the document whose part the text is.
    """
    spent_s, began = g.get("rendering_s", 0.0), monotonic()
    if text and references:
        html = safe_html.to_html(references.shown(text), references.for_text(text), may_render=has_time())
    else:
        html = safe_html.to_html(text, may_render=has_time())
    g.rendering_s = spent_s + monotonic() - began
    return Markup(pictures.placed(html, references.attached if references else {}))


def has_time() -> bool:
    """Whether this page may still render Markdown."""
    return bool(g.get("rendering_s", 0.0) < LONGEST_RENDERING_S)


def day(value: date | datetime | None) -> str:
    """`2018-01-25`; nothing for None."""
    return "" if value is None else value.strftime("%Y-%m-%d")


def moment(instant: datetime | None, zone: str = "UTC") -> Markup:
    """`2018-01-25 15:30 PST`, with UTC on hover; an unknown zone shows UTC. `instant` is aware."""
    return _time(instant, lambda at: at.astimezone(zone_named(zone)).strftime("%Y-%m-%d %H:%M %Z"))


def ago(instant: datetime | None) -> Markup:
    """`3 hours ago`, `in 2 days`, with the exact instant on hover; nothing for None."""
    return _time(instant, _distance_from_now)


def present() -> Markup:
    """The instant at which a page is sent, as `moment` says it."""
    return Markup(late.mark(late.NOW)) if late.is_marked() else moment(clock.now())


def _distance_from_now(instant: datetime) -> str:
    if late.is_marked():
        return late.mark(late.SPAN, instant)
    return distance((clock.now() - instant).total_seconds())


def _time(instant: datetime | None, shown: Callable[[datetime], str]) -> Markup:
    if instant is None:
        return Markup("")
    utc = instant.astimezone(UTC)
    return Markup('<time datetime="{:%Y-%m-%dT%H:%M:%SZ}" title="{:%Y-%m-%d %H:%M:%S UTC}">{}</time>').format(
        utc, utc, shown(instant)
    )


def distance(seconds: float) -> str:
    """A span in the coarsest whole unit: positive is past (`2 days ago`), negative future (`in 2 days`)."""
    span = abs(seconds)
    if span < MINUTE_S:
        return "just now"
    unit_s, unit = next(
        (size, name)
        for size, name in ((DAY_S, "day"), (HOUR_S, "hour"), (MINUTE_S, "minute"))
        if span >= size
    )
    count = int(span // unit_s)
    words = f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{words} ago" if seconds > 0 else f"in {words}"


@lru_cache(maxsize=1024)
def zone_named(name: str) -> tzinfo:
    """The IANA zone; UTC where there is none of that name."""
    return zone_tables.named(name) or UTC
