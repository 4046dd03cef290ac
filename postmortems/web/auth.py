"""Authentication of requests: browser sessions and API tokens."""

from __future__ import annotations

import hmac
import logging
from datetime import datetime, timedelta

from flask import Flask, current_app, g, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from postmortems import clock, limits, visibility
from postmortems.accounts import browser_sessions, ci_identities, oidc_claims, proxy_sign_in, sign_in
from postmortems.accounts import operations as accounts
from postmortems.accounts import queries as accounts_queries
from postmortems.accounts.tokens import operations as token_operations
from postmortems.accounts.tokens.networks import Elsewhere
from postmortems.actor import Actor
from postmortems.audit import origin
from postmortems.audit.origin import Origin
from postmortems.db import session as db
from postmortems.errors import NotSignedIn
from postmortems.visibility import Viewer
from postmortems.web import api_permissions, csrf, transactions
from postmortems.web.server.app_runtime import runtime
from postmortems.web.server.plain_flask import PlainRequest, present
from postmortems.web.transactions import SAFE_METHODS
from postmortems.web.watching import rate_limits

log = logging.getLogger(__name__)

METRICS = "metrics.show"
# Takes the directory's own token: the blueprint looks, before any of its views.
SCIM = frozenset(f"scim.{view}" for view in ("users", "user", "groups", "group", "about", "missing"))
# What anybody may see: the way in, what the machine serves to check itself, and the API's description.
PUBLIC = frozenset(
    {
        "static",
        "people.sign_in",
        "people.link",
        # To the identity provider and back; what it says of sessions, it signs.
        "oidc.login",
        "oidc.callback",
        "oidc.logout",
        "oidc.backchannel_logout",
        # Who has the mail has the link; who asks for one is told nothing.
        "access.forgotten",
        "access.mailed",
        # Of whom a cookie says that the password was right.
        "second_step.show",
        "second_step.take",
        "second_step.set_up",
        # Whoever has the passkey signs what is asked.
        "passkeys.options",
        "passkeys.take",
        # What two people let out for everybody, and nothing else.
        "public_site.index",
        "public_site.show",
        "public_site.feed",
        "public_site.picture",
        "public_site.missing",
        # Who has the mail has the right: each link is signed for one person and one thing.
        "notification_settings.confirm",
        "notification_settings.switch_off",
        "health.live",
        "health.ready",
        "security_contact.show",
        *SCIM,
        "chat_api.mattermost",
        "chat_api.slack",
        "chat_buttons_api.mattermost",
        "chat_buttons_api.slack",
        # Who knows the secret in the address reads what is due.
        "feeds.due_calendar",
        "feeds.due_feed",
        "flagger_api.ask",
        "gate_client.download",
        "github_api.receive",
        # Takes the key in its address, where not everybody may see it: the view looks.
        "badges.show",
        # Takes a token, or an address that the operator allows: the view looks.
        METRICS,
        "gitlab_api.receive",
        # Who knows a tracker's secret may say that an issue changed.
        "tracker_hooks.receive",
        "reference.document",
        "reference.page",
        "reference.schema",
        # Who knows a job's key may ping for it.
        "heartbeats_api.succeed",
        "heartbeats_api.start",
        "heartbeats_api.fail",
        "heartbeats_api.end",
    }
)
# These know no form of ours: a mailer that switches off for its reader (RFC 8058) has the link as proof;
# trackers and the identity provider sign.
WITHOUT_FORMS = SCIM | {
    "notification_settings.switch_off",
    "tracker_hooks.receive",
    "oidc.backchannel_logout",
}
# Where nobody looks who asks.
OF_ANYBODY = frozenset({"static", "health.live", "health.ready"})
ROOMS_OF_ANYBODY = frozenset({"public_site", "scim"})


def install(app: Flask, own_url: str) -> None:
    """Know the actor before anything else happens, and refuse forged requests and nobodies."""
    csrf.install(app, own_url)
    rate_limits.install(app)
    app.before_request(_admit)
    app.teardown_request(_look_away)
    app.after_request(_note_seen)


def _admit() -> None:
    asked = present()
    _identify(asked)
    actor = current_actor()
    rate_limits.refuse_too_many(asked, actor)
    _let_files_in(asked, actor)
    _refuse_forgeries(asked, actor)
    _refuse_nobody(asked, actor)


def current_actor() -> Actor:
    """The actor of this request; nobody where nothing proves who it is."""
    actor: Actor = g.get("actor") or Actor.nobody()
    return actor


def cookie_name() -> str:
    """`__Host-` binds the cookie to this very host, but browsers take it over https only."""
    return "__Host-postmortems" if current_app.config["SESSION_COOKIE_SECURE"] else "postmortems"


def remember(response: Response, secret: str) -> None:
    """Hand the browser its session; the cookie ends with the session on the server."""
    response.set_cookie(
        cookie_name(),
        secret,
        max_age=timedelta(days=sign_in.SESSION_DAYS),
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )


def forget(response: Response) -> None:
    response.delete_cookie(
        cookie_name(), secure=current_app.config["SESSION_COOKIE_SECURE"], httponly=True, samesite="Lax"
    )


def session_secret() -> str:
    """The secret in the browser's cookie; empty without one."""
    # Programs send none, and to find that out by its header takes as long as to read one.
    return request.cookies.get(cookie_name(), "") if "HTTP_COOKIE" in request.environ else ""


def proxy_name() -> str:
    """Whom the proxy in front has signed in; empty where none did, or somebody else says so."""
    settings = current_app.extensions["settings"]
    if not settings.proxy_user_header:
        return ""
    # ProxyFix puts what X-Forwarded-For says in the place of who is connected.
    connected = request.environ.get("werkzeug.proxy_fix.orig") or request.environ
    said = request.headers.get(settings.proxy_user_header, "")
    return proxy_sign_in.believed(said, connected.get("REMOTE_ADDR") or "", settings.proxy_networks)


def is_scraper() -> bool:
    """Whether `/metrics` is asked for with the token of the settings, which is nobody's account."""
    asked = present()
    if asked.endpoint != METRICS:
        return False
    known, sent = current_app.extensions["settings"].metrics_token, asked.bearer
    return bool(known and sent) and hmac.compare_digest(str(sent).encode(), known.encode())


def _identify(asked: PlainRequest) -> None:
    try:
        _know(asked)
    except (Elsewhere, NotSignedIn) as refused:
        transactions.give_back()
        # Whoever proves nothing counts by address, as whoever sends nothing does.
        rate_limits.refuse_too_many(asked, Actor.nobody())
        if isinstance(refused, Elsewhere):
            with db.transaction():
                token_operations.note_elsewhere(refused)
        raise


def _know(asked: PlainRequest) -> None:
    origin.become(_origin(asked))
    if asked.endpoint in OF_ANYBODY or asked.blueprint in ROOMS_OF_ANYBODY:
        return
    if is_scraper():
        return
    sent, now = asked.bearer, clock.now()
    if sent is not None and oidc_claims.looks_signed(sent):
        g.actor = _job(sent, now)
        return
    if sent is None:
        _know_browser(asked, now)
        return
    if transactions.takes_over(asked):
        transactions.lend()
        if _bearer_is_due(sent, now):
            accounts.note_use(g.actor, now, asked.remote_addr or "")
    elif transactions.only_reads(asked):
        transactions.lend(reads_only=True)
        g.is_use_due = _bearer_is_due(sent, now)
    else:
        with db.reading():
            g.is_use_due = _bearer_is_due(sent, now)


def _origin(asked: PlainRequest) -> Origin:
    way = "assistant" if asked.is_assistants else "api" if asked.is_for_programs else "web"
    return Origin(way, asked.remote_addr or "")


def _know_browser(asked: PlainRequest, now: datetime) -> None:
    """Know the person whose browser asks, in the unit in which the view reads, where it only reads."""
    secret = session_secret()
    if not secret:
        g.actor = Actor.nobody()
    elif transactions.only_reads(asked):
        transactions.lend(reads_only=True)
        g.actor = _person_at(secret, now)
    else:
        with db.reading():
            g.actor = _person_at(secret, now)
    # Another person sits at this browser now: the session that it still has is not theirs.
    if g.actor.is_person and proxy_name() not in {"", g.actor.name}:
        g.actor = Actor.nobody()
    _look(g.actor, origin.current())


def _person_at(secret: str, now: datetime) -> Actor:
    found = accounts_queries.live_session(secret, now, current_app.extensions["settings"].second_factor)
    if accounts_queries.is_seen_unnoted(found, now):
        g.seen_session = found.session_id
    return accounts_queries.person_of(found)


def _note_seen(response: Response) -> Response:
    """Note that the browser or token is in use: every few minutes, when the answer's own unit is over."""
    session_id, is_use_due = g.pop("seen_session", None), g.pop("is_use_due", False)
    if not (session_id or is_use_due) or db.is_open():
        return response
    now, address = clock.now(), request.remote_addr or ""
    try:
        with db.transaction():
            if session_id:
                browser_sessions.note_seen(session_id, address, now)
            if is_use_due:
                accounts.note_use(g.actor, now, address)
    except SQLAlchemyError:
        # When somebody was last seen is worth knowing, but no reason to refuse a page or a deploy's question.
        log.warning("could not note that a session or token is in use", exc_info=True)
    return response


def _look(actor: Actor, place: Origin) -> None:
    """See what this actor may see, and be recorded as who reads it."""
    reader = actor if actor.kind != "nobody" else None
    visibility.become(Viewer(actor.name, actor=reader, way=place.way, address=place.address))


def _bearer_is_due(sent: str, now: datetime) -> bool:
    """Know who sent the token; says whether its use should be noted."""
    # Whoever sends a token is judged by it alone; a cookie beside it proves nothing more.
    token, place = accounts_queries.live_token(sent, now), origin.current()
    accounts_queries.require_near(token, place.address)
    actor = g.actor = accounts_queries.bearer_of(token)
    _look(actor, place)
    return accounts_queries.is_use_unnoted(token, now)


def _let_files_in(asked: PlainRequest, actor: Actor) -> None:
    """Take a larger body where files are sent, before anything reads it: from somebody we know, to a view
    that says so."""
    if getattr(asked.view, "takes_files", False) and actor.kind != "nobody":
        asked.max_content_length = limits.FILES


def _job(token: str, now: datetime) -> Actor:
    """The CI job that sent a signed identity."""
    try:
        audience = current_app.extensions["settings"].url
        return ci_identities.actor_of(token, audience, now, runtime().egress)
    except oidc_claims.Unproven as unproven:
        raise NotSignedIn(f"the signed identity proves nothing: {unproven.detail}") from None


def _look_away(_error: BaseException | None) -> None:
    visibility.become(visibility.NOBODY)
    origin.become(origin.ITSELF)


def _refuse_forgeries(asked: PlainRequest, actor: Actor) -> None:
    if asked.bearer is None and asked.endpoint not in WITHOUT_FORMS:
        csrf.refuse_forgeries(actor, is_public=asked.endpoint in PUBLIC)


def _refuse_nobody(asked: PlainRequest, actor: Actor) -> None:
    """Whatever is not public needs somebody, and the API the right and scope for it: closed by default."""
    if asked.endpoint is None or asked.endpoint in PUBLIC:
        return
    if actor.kind == "nobody":
        raise NotSignedIn("sign in, or send a token as `Authorization: Bearer …`")
    if asked.is_api:
        api_permissions.require(actor, asked.endpoint, is_read=asked.method in SAFE_METHODS)
