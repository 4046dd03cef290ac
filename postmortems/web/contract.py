"""One contract an API view: it checks the request, shapes the answer, and the reference is made from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Any, cast

import marshmallow as ma
from apispec.ext.marshmallow import MarshmallowPlugin
from flask_smorest import Api as SmorestApi
from flask_smorest import Blueprint
from flask_smorest.spec import prepare_response
from marshmallow import fields
from webargs.flaskparser import FlaskParser
from werkzeug.wrappers import Request

from postmortems.errors import Invalid, Problem
from postmortems.web import strict_json

PROBLEM_JSON = "application/problem+json"

View = Callable[..., Any]


class WrongPlaceSchema(ma.Schema):
    """One wrong place in the input."""

    pointer = fields.String(
        required=True, metadata={"description": "JSON pointer into the body", "example": "/title"}
    )
    detail = fields.String(required=True, metadata={"description": "what to do about it"})
    line = fields.Integer(
        metadata={"description": "where it stands, or where the body stops being JSON or YAML"}
    )
    column = fields.Integer()


class ProblemSchema(ma.Schema):
    """Why a request was refused (RFC 9457)."""

    type = fields.String(required=True, metadata={"example": "/api/docs#problem-invalid"})
    title = fields.String(required=True, metadata={"example": "Something in the input is wrong"})
    status = fields.Integer(required=True, metadata={"example": 422})
    detail = fields.String(required=True, metadata={"example": "Missing data for required field."})
    errors = fields.List(fields.Nested(WrongPlaceSchema))
    version = fields.Integer(metadata={"description": "stale saves only: the version that is stored now"})
    mine = fields.String(metadata={"description": "stale saves only: what was sent"})
    theirs = fields.String(metadata={"description": "stale saves only: what is stored now"})


class StrictParser(FlaskParser):
    """Reads bodies by `strict_json`, refuses unknown query arguments, and says where an error is."""

    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "query": ma.RAISE}

    def load_json(self, req: Request, schema: ma.Schema) -> Any:
        return strict_json.read(req)

    def handle_error(self, error: ma.ValidationError, *_: Any, **__: Any) -> Any:
        raise invalid(error)


def invalid(error: ma.ValidationError) -> Invalid:
    """A schema's complaints as an `Invalid`, each with its JSON pointer."""
    messages = error.messages
    if isinstance(messages, dict) and messages.keys() <= {"json", "query"}:
        messages = next(iter(messages.values()))
    return Invalid(list(_places(messages)))


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


class ApiBlueprint(Blueprint):
    """A blueprint whose requests are read strictly."""

    ARGUMENTS_PARSER = StrictParser()


class Api(SmorestApi):
    """The API's description. Errors are documented as problems, and answered by `web/problems.py`."""

    ERROR_SCHEMA = ProblemSchema

    def _init_spec(self, **options: Any) -> None:
        super()._init_spec(marshmallow_plugin=MarshmallowPlugin(schema_name), **options)

    def _register_responses(self) -> None:
        for status in HTTPStatus:
            self._describe(status.name, status.phrase, is_problem=status >= 400)
        self._describe("DEFAULT_ERROR", "Refused, or failed", is_problem=True)

    def _describe(self, name: str, description: str, *, is_problem: bool) -> None:
        response: dict[str, Any] = {"description": description}
        if is_problem:
            response["schema"] = ProblemSchema
        prepare_response(response, self.spec, PROBLEM_JSON)
        self.spec.components.response(name, response, lazy=True)

    def _register_error_handlers(self) -> None:
        """Leave them to `web/problems.py`, which answers the whole application alike."""


def schema_name(schema: type[ma.Schema] | ma.Schema) -> str:
    """What a schema is called in the document: `guards.Guard`, since two rooms may each have a `Page`."""
    made = schema if isinstance(schema, ma.Schema) else schema()
    room = type(made).__module__.split(".")[-2]
    variant = "-partial" if made.partial else "-part" if made.only or made.exclude else ""
    return f"{room}.{type(made).__name__.removesuffix('Schema')}{variant}"


# Only lends its decorators: they note on the view what the blueprint of the route reads later.
_decorators = ApiBlueprint("contracts", __name__)


def api_blueprint(name: str, description: str) -> ApiBlueprint:
    """The blueprint of a room's API, under /api/v1; `description` heads its part of the reference."""
    return ApiBlueprint(f"{name}_api", __name__, url_prefix="/api/v1", description=description)


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
) -> Callable[[View], View]:
    """Bind an API view to schemas; what is declared is checked, documented and handed over loaded.

    The view gets the query as a dict, then the body as a dict (only those declared), then the parts of
    the address by name. It returns what `returns` dumps, or a Flask response as it is, which may be of
    another content type: `also` names those. `own_units`, `takes_over`: see `web/units.py`.
    """
    refusals = {401, 403, 422, *errors, *((400, 415) if body is not None else ())}

    def bind(view: View) -> View:
        bound: Any = view
        if body is not None:
            bound = _decorators.arguments(body, location="json")(bound)
        # Without a query of its own nothing is handed over, but what is not known is refused.
        known = _decorators.arguments(query or ma.Schema, location="query", as_kwargs=query is None)
        bound = known(bound)
        bound = _decorators.response(status, returns)(bound)
        for content_type in also:
            text = {"type": "string"}
            described = _decorators.alt_response(status, schema=text, content_type=content_type, success=True)
            bound = described(bound)
        for refusal in sorted(refusals):
            bound = _decorators.alt_response(refusal, HTTPStatus(refusal).name)(bound)
        if scope_note:
            bound = _decorators.doc(**{"x-scope": scope_note})(bound)
        bound.own_units, bound.takes_over = own_units, takes_over
        return cast(View, bound)

    return bind
