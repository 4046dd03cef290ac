"""Limits on how often one token, person or address asks: 429 with what is left and when to come again."""

from __future__ import annotations

from flask import Flask, Response, current_app, g

from postmortems.accounts.sign_in_limits import network
from postmortems.actor import Actor
from postmortems.errors import TooMany
from postmortems.limits import RATE_WINDOW_S, Rate
from postmortems.web.server.plain_flask import PlainRequest, present
from postmortems.web.watching import rates
from postmortems.web.watching.rates import Taken

# Styles and scripts come many with a page; of health whoever restarts us asks; and public reports are kept by
# caches in front, so that all the world comes from one address.
FREE = frozenset({"static", "health.live", "health.ready"})
FREE_ROOMS = frozenset({"public_site"})


def install(app: Flask) -> None:
    """Tell who asks what is left."""
    app.after_request(_tell)


def refuse_too_many(asked: PlainRequest, actor: Actor) -> None:
    """Count the request for who asks. Raises `TooMany` where that is one too many."""
    percent = current_app.extensions["settings"].limits_percent
    if not percent or asked.endpoint in FREE or asked.blueprint in FREE_ROOMS:
        return
    wanted = asked.headers.get("Accept", "")
    if asked.query_string:
        wanted = f"{asked.args.get('format', '')} {wanted}"
    rate = rates.rate_of(asked.method, asked.path, wanted)
    taken = g.rate = rates.now_taken(rate, _who(rate, actor, asked.remote_addr or ""), percent)
    if not taken.is_allowed:
        raise TooMany(
            f"that is more than {taken.most:,} requests of this kind ({rate.name}) within a minute, the most "
            f"that {taken.whose} may make; ask again in {taken.ends_in_s} seconds",
            retry_after_s=taken.ends_in_s,
        )


def _who(rate: Rate, actor: Actor, address: str) -> list[tuple[str, str, int]]:
    """Whom the request counts for: whose it is, a name for that, and the most of it."""
    if actor.kind == "ci":
        return [("one job", f"ci {actor.name}"[:120], rate.of_token)]
    found = []
    if actor.token_id is not None:
        found.append(("one token", f"token {actor.token_id}", rate.of_token))
    if actor.user_id is not None:
        found.append(("one person", f"person {actor.user_id}", rate.of_person))
    return found or [("one address", f"address {network(address)}", rate.of_address)]


def _tell(response: Response) -> Response:
    """Say what is left (draft-ietf-httpapi-ratelimit-headers): to programs, and where it is too much."""
    taken: Taken | None = g.get("rate")
    if taken is not None and (present().is_for_programs or not taken.is_allowed):
        name = taken.rate.name
        response.headers.add("RateLimit-Policy", f'"{name}";q={taken.most};w={RATE_WINDOW_S}')
        response.headers.add("RateLimit", f'"{name}";r={taken.left};t={taken.ends_in_s}')
    return response
