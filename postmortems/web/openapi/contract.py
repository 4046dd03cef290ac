"""Contracts of API views: checks the request, shapes the answer, and documents both."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from functools import cache, partial, wraps
from http import HTTPStatus
from threading import Lock
from typing import Any, cast

import marshmallow as ma
from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask, jsonify, request
from flask_smorest import Api as SmorestApi
from flask_smorest import Blueprint
from flask_smorest.spec import prepare_response
from webargs.flaskparser import FlaskParser
from werkzeug.wrappers import Response

from postmortems.db.session import catch_up
from postmortems.errors import MOST_PROBLEMS, Invalid, Problem
from postmortems.web.openapi import strict_json
from postmortems.web.openapi.problem_schemas import ProblemSchema

PROBLEM_JSON = "application/problem+json"

View = Callable[..., Any]
NO_QUERY = ma.Schema()
PLAIN = (str, int, float, type(None))
TEXT = {"type": "string"}
LONGEST_NAME = 60
# `titel` is `title`, `secret` is no `service`.
NEAR = 0.75


class StrictParser(FlaskParser):
    """Reads queries: refuses unknown arguments, and says where an error is."""

    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "query": ma.RAISE}

    def handle_error(self, error: ma.ValidationError, *_: Any, **__: Any) -> Any:
        raise invalid(error.messages_dict["query"])


_parser = StrictParser()


def invalid(messages: Any) -> Invalid:
    """A schema's complaints as an `Invalid`, each with its JSON pointer."""
    return Invalid(_places(messages))


def _places(messages: Any, pointer: str = "") -> Iterator[Problem]:
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            yield from _places(
                inner, pointer if key == "_schema" else f"{pointer}/{strict_json.escaped(key)}"
            )
    elif isinstance(messages, list):
        for message in messages:
            yield from _places(message, pointer)
    else:
        yield Problem(pointer, str(messages))


class Api(SmorestApi):
    """The API's description. Errors are documented as problems, and answered by `web/error_responses.py`."""

    ERROR_SCHEMA = ProblemSchema

    def __init__(self, app: Flask, **options: Any) -> None:
        self._undescribed: list[Blueprint] = []
        self._describes = Lock()
        super().__init__(app, **options)

    def register_blueprint(self, blueprint: Blueprint, **options: Any) -> None:
        """Its routes at once, and its description, which takes longer, when that is first read."""
        self._app.register_blueprint(blueprint, **options)
        self._undescribed.append(blueprint)

    def described(self) -> APISpec:
        """The description with all that was registered."""
        with self._describes:
            while self._undescribed:
                blueprint = self._undescribed.pop(0)
                name = blueprint.name
                blueprint.register_views_in_doc(self, self._app, self.spec, name=name, parameters=None)
                self.spec.tag({"name": name, "description": blueprint.description})
            return cast(APISpec, self.spec)

    def _init_spec(self, **options: Any) -> None:
        super()._init_spec(marshmallow_plugin=MarshmallowPlugin(schema_name), **options)

    def _register_responses(self) -> None:
        for status in HTTPStatus:
            self._describe(status.name, status.phrase, is_problem=status >= 400)
        self._describe("DEFAULT_ERROR", "Refused, or failed", is_problem=True)

    def _describe(self, name: str, description: str, *, is_problem: bool) -> None:
        response: dict[str, Any] = {"description": description}
        if is_problem:
            response["schema"] = _made(ProblemSchema)
        prepare_response(response, self.spec, PROBLEM_JSON)
        self.spec.components.response(name, response, lazy=True)

    def _register_error_handlers(self) -> None:
        """Leave them to `web/error_responses.py`, which answers the whole application alike."""


# Rooms whose shapes keep the name of the room where they were first: clients are made from the reference.
NAMED_AS = {"accounts": "people", "vault": "people", "reports.coverage": "gate"}


def schema_name(schema: type[ma.Schema] | ma.Schema) -> str:
    """What a schema is called in the document: `guards.Guard`, since two rooms may each have a `Page`."""
    made = schema if isinstance(schema, ma.Schema) else schema()
    module = type(made).__module__.removeprefix("postmortems.").split(".")
    room = NAMED_AS.get(".".join(module[:2]), NAMED_AS.get(module[0], module[0]))
    variant = "-partial" if made.partial else "-part" if made.only or made.exclude else ""
    return f"{room}.{type(made).__name__.removesuffix('Schema')}{variant}"


# Only lends its decorators: they note on a view what the blueprint of the route reads.
_decorators = Blueprint("contracts", __name__)


class RoomBlueprint(Blueprint):
    """Has its routes at once; works out what describes them when the description is first read."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self._unnoted: list[tuple[tuple[Any, ...], dict[str, Any]]] = []
        super().__init__(*args, **options)

    def _store_endpoint_docs(self, *route: Any, **options: Any) -> None:
        self._unnoted.append((route, options))

    def register_views_in_doc(self, *args: Any, **options: Any) -> None:
        for route, its_options in self._unnoted:
            _, view, *_ = route
            if describe := getattr(view, "describe", None):
                view._apidoc = describe()
            super()._store_endpoint_docs(*route, **its_options)
        self._unnoted.clear()
        super().register_views_in_doc(*args, **options)

    def doc(self, **said: Any) -> Callable[[View], View]:
        """Say more of a view that has a contract. Nothing is wrapped around it."""

        def bind(view: Any) -> View:
            describe = view.describe

            def more() -> dict[str, Any]:
                described = _lent(view, describe())
                return dict(super(RoomBlueprint, self).doc(**said)(described)._apidoc)

            view.describe = more
            return cast(View, view)

        return bind


class _Notes(dict[str, Any]):
    """What the decorators note on a view. Each would copy what those before it noted, schemas and all."""

    def __deepcopy__(self, _memo: Any) -> _Notes:
        return self


def _lent(view: View, notes: Mapping[str, Any]) -> Any:
    """Another in the view's place, to note things on: each request would pay for what wraps the view."""
    lent: Any = wraps(view)(lambda: None)
    lent._apidoc = _Notes(notes)
    return lent


def api_blueprint(name: str, description: str) -> Blueprint:
    """The blueprint of a room's API, under /api/v1; `description` heads its part of the reference."""
    return RoomBlueprint(f"{name}_api", __name__, url_prefix="/api/v1", description=description)


def contract(
    *,
    query: type[ma.Schema] | ma.Schema | None = None,
    body: type[ma.Schema] | ma.Schema | None = None,
    returns: type[ma.Schema] | ma.Schema | None = None,
    also: tuple[str, ...] = (),
    status: int = 200,
    scope_note: str = "",
    errors: tuple[int, ...] = (404, 409, 422),
    own_units: bool = False,
    takes_over: bool = False,
    may_be_empty: bool = False,
) -> Callable[[View], View]:
    """Bind an API view to schemas; what is declared is checked, documented and handed over loaded.

    The view gets the query as a dict, then the body as a dict (only those declared), then the parts of
    the address by name. It returns what `returns` dumps, or a Flask response as it is, which may be of
    another content type: `also` names those. `own_units`, `takes_over`: see `web/transactions.py`. Where it
    `may_be_empty`, no body is an empty object.
    """
    refusals = {401, 403, 422, 429, *errors, *((400, 415) if body is not None else ())}

    def bind(view: View) -> View:
        bound = _kept_to(view, query, body, returns, status, may_be_empty)
        # Called where somebody reads the description: all views' together take megabytes.
        bound.describe = partial(
            _notes, view, query, body, returns, also, status, refusals, scope_note, may_be_empty
        )
        bound.own_units, bound.takes_over = own_units, takes_over
        return cast(View, bound)

    return bind


def _notes(
    view: View,
    query: type[ma.Schema] | ma.Schema | None,
    body: type[ma.Schema] | ma.Schema | None,
    returns: type[ma.Schema] | ma.Schema | None,
    also: tuple[str, ...],
    status: int,
    refusals: set[int],
    scope_note: str,
    may_be_empty: bool,
) -> dict[str, Any]:
    """What describes the view."""
    described = _lent(view, {})
    if body is not None:
        its_body = _made(body)
        described = _decorators.arguments(its_body, location="json", required=not may_be_empty)(described)
    its_query = NO_QUERY if query is None else _made(query)
    described = _decorators.arguments(its_query, location="query")(described)
    described = _decorators.response(status, None if returns is None else _made(returns))(described)
    for content_type in also:
        told = {"schema": TEXT, "content_type": content_type, "success": True}
        described = _decorators.alt_response(status, **told)(described)
    for refusal in sorted(refusals):
        described = _decorators.alt_response(refusal, HTTPStatus(refusal).name)(described)
    if scope_note:
        described = _decorators.doc(**{"x-scope": scope_note})(described)
    return dict(described._apidoc)


def _made(schema: type[ma.Schema] | ma.Schema) -> ma.Schema:
    """Making a schema takes longer than loading by it: there is one of each, once a view needs it."""
    return _one_of(schema) if isinstance(schema, type) else schema


@cache
def _one_of(schema: type[ma.Schema]) -> ma.Schema:
    return schema()


def _kept_to(
    view: View,
    query: type[ma.Schema] | ma.Schema | None,
    body: type[ma.Schema] | ma.Schema | None,
    returns: type[ma.Schema] | ma.Schema | None,
    status: int,
    may_be_empty: bool,
) -> Any:
    """The view as it is called: what it gets is checked, and what it returns is dumped."""

    @wraps(view)
    def bound(**parts: Any) -> Response:
        given = [_query_by(_made(query))] if query is not None else []
        if query is None:
            # Without a query of its own nothing is handed over, but what is not known is refused.
            _query_by(NO_QUERY)
        if body is not None:
            is_empty = may_be_empty and not request.get_data(cache=True)
            given.append(_loaded(_made(body), {} if is_empty else strict_json.read(request)))
        found = view(*given, **parts)
        catch_up()
        if isinstance(found, Response):
            return found
        response = jsonify(found if returns is None else _made(returns).dump(found))
        response.status_code = status
        return response

    return bound


def _query_by(schema: ma.Schema) -> Any:
    if request.query_string:
        return _parser.parse(schema, request, location="query")
    defaults = _defaults(schema)
    return _loaded(schema, {}) if defaults is None else dict(defaults)


@cache
def _defaults(schema: ma.Schema) -> dict[str, Any] | None:
    """What an empty query is; None where it has to be loaded each time."""
    if any(callable(field.load_default) for field in schema.fields.values()):
        return None
    try:
        loaded = schema.load({})
    except ma.ValidationError:
        return None
    is_plain = isinstance(loaded, dict) and all(isinstance(one, PLAIN) for one in loaded.values())
    return loaded if is_plain else None


def _loaded(schema: ma.Schema, value: Any) -> Any:
    try:
        return schema.load(value)
    except ma.ValidationError as wrong:
        raise Invalid(_places(_with_help(wrong.messages, schema))) from wrong


def _with_help(messages: Any, schema: ma.Schema) -> Any:
    """The complaints, of a field that there is not with the one that was meant, or those that there are."""
    if not isinstance(messages, Mapping):
        return messages
    unknown = [name for name, told in messages.items() if told == [schema.error_messages["unknown"]]]
    # More are not told either.
    helped = {name: [_meant(str(name), list(schema.load_fields))] for name in unknown[:MOST_PROBLEMS]}
    return {**messages, **helped}


def _meant(name: str, known: list[str]) -> str:
    near = get_close_matches(name[:LONGEST_NAME], known, 1, cutoff=NEAR)
    return (
        f"Unknown field; did you mean {near[0]}?" if near else f"Unknown field; there are {', '.join(known)}."
    )
