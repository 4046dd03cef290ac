"""Entity tags of answers that have no version of their own: a digest of what they say (RFC 9110 §8.8.3)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import marshmallow as ma
from flask import Response, jsonify, request

from postmortems.errors import Stale

STRONG = 32


def answered(schema: type[ma.Schema], value: Any, status: int = 200) -> Response:
    """The answer with its ETag; 304 where the reader has it already (If-None-Match)."""
    response = jsonify(schema().dump(value))
    response.status_code = status
    response.set_etag(_digest(response))
    if request.method in {"GET", "HEAD"}:
        response.make_conditional(request)
    return response


def refuse_changed(schema: type[ma.Schema], value: Callable[[], Any], name: str) -> None:
    """Raise `Stale` where If-Match names another state than this `value` of what is called `name`."""
    if "If-Match" not in request.headers or request.if_match.star_tag:
        return
    tag = _digest(jsonify(schema().dump(value())))
    # What was packed on its way has a weak tag of the same letters (RFC 9110 §8.8.3.3).
    if tag not in request.if_match.as_set(include_weak=True):
        raise Stale(f"{name} was changed since you read it: read it again", version=0, mine="", theirs="")


def _digest(response: Response) -> str:
    return hashlib.blake2b(response.get_data(), digest_size=STRONG // 2).hexdigest()
