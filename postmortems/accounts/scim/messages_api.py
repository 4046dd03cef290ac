"""Messages of SCIM over HTTP: how they are read, and how answers and refusals are written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from flask import Response, current_app, request
from pydantic import ValidationError
from scim2_models import (
    BaseModel,
    Context,
    Error,
    ListResponse,
    PatchOp,
    Resource,
    ResponseParameters,
    SCIMException,
    SearchRequest,
    TooManyException,
)
from sqlalchemy.exc import IntegrityError
from werkzeug.exceptions import HTTPException, UnsupportedMediaType

from postmortems import errors, limits
from postmortems.accounts.scim import resources
from postmortems.accounts.scim.resources import Account, Group
from postmortems.web.openapi import strict_json
from postmortems.web.openapi.strict_json import Malformed

MIMETYPE = "application/scim+json"
# No list is so long; a number beyond what a database counts by is none of its places.
LAST = 2**31
TAKEN = frozenset({MIMETYPE, "application/json"})
Kind = TypeVar("Kind", Account, Group)
Model = TypeVar("Model", bound=BaseModel)
# What happened, as RFC 7644 (3.12) numbers and names it.
FACES: tuple[tuple[type[errors.Refusal], int, str | None], ...] = (
    (Malformed, 400, "invalidSyntax"),
    (errors.Invalid, 400, "invalidValue"),
    (errors.NotFound, 404, None),
    (errors.NotSignedIn, 401, None),
    (errors.NotAllowed, 403, None),
    (errors.Conflict, 409, None),
    (errors.TooMany, 429, None),
    (errors.Refusal, 409, None),
)


def answered(view: Callable[..., Response], *gaps: str) -> Response:
    """What a view answers, or what is to be said of why it does not."""
    try:
        return view(*gaps)
    except (errors.Refusal, SCIMException, ValidationError, HTTPException) as refusal:
        return _refused(refusal)
    except IntegrityError:
        return _told(409, "uniqueness", "somebody else made the same at this moment: look for it, then go on")


def url() -> str:
    """Where people reach us, for the addresses of resources."""
    found: str = current_app.extensions["settings"].url
    return found


def read(model: type[Model], context: Context, tidy: Callable[[Any], Any] = lambda body: body) -> Model:
    """The body as a message of this shape; `tidy` puts right what directories send otherwise."""
    if request.mimetype not in TAKEN:
        raise UnsupportedMediaType(f"send {MIMETYPE}, or application/json")
    body = tidy(strict_json.parse(request.get_data()))
    with resources.POLICY:
        return model.model_validate(body, scim_ctx=context)


def patched(resource: Kind, tidy: Callable[[Any], Any] = lambda body: body) -> Kind:
    """The resource as the patch in the body changes it; what was there is left as it was."""
    shape: Any = PatchOp[type(resource)]  # type: ignore[misc]
    apart = resources.with_paths_apart
    patch = read(shape, Context.RESOURCE_PATCH_REQUEST, lambda body: apart(tidy(body)))
    if len(patch.operations) > limits.SCIM_OPERATIONS:
        raise TooManyException(detail=f"a patch has at most {limits.SCIM_OPERATIONS} operations")
    after = resource.model_copy(deep=True)
    with resources.POLICY:
        patch.patch(after)
    return after


def refuse_stale(resource: Account | Group) -> None:
    """Refuse to change what is no longer as `If-Match` says."""
    wanted = request.headers.get("If-Match", "")
    present = resource.meta.version if resource.meta is not None else None
    if wanted not in {"", "*"} and present not in [one.strip() for one in wanted.split(",")]:
        raise _Stale


def is_search() -> bool:
    """Whether a POST looks for something, as filters that say who somebody is may stay out of addresses."""
    return request.path.endswith("/.search")


def search(model: type[Kind]) -> tuple[SearchRequest[Kind], int, int]:
    """What is looked for, in the address or the body, the first one wanted, and how many."""
    shape: Any = SearchRequest[model]  # type: ignore[valid-type]
    if is_search():
        found = read(shape, Context.SEARCH_REQUEST)
    else:
        with resources.POLICY:
            found = shape.model_validate(request.args.to_dict())
    count = limits.SCIM_PAGE if found.count is None else min(found.count, limits.SCIM_PAGE)
    return found, min(found.start_index or 1, LAST), count


def shown(resource: Resource[Any], status: int = 200) -> Response:
    """An answer with one resource, as much of it as is asked for."""
    parameters: Any = ResponseParameters[type(resource)]  # type: ignore[misc]
    said = {name: request.args[name] for name in ("attributes", "excludedAttributes") if name in request.args}
    context = Context.RESOURCE_CREATION_RESPONSE if status == 201 else Context.RESOURCE_QUERY_RESPONSE
    asked = parameters.model_validate(said)
    answer = _answer(resource.model_dump(scim_ctx=context, response_parameters=asked), status)
    if resource.meta is not None:
        if resource.meta.location and status == 201:
            answer.headers["Location"] = str(resource.meta.location)
        if resource.meta.version:
            answer.headers["ETag"] = resource.meta.version
    return answer


def page(found: Sequence[Resource[Any]], total: int, start: int, asked: Any = None) -> Response:
    """An answer with a page of resources."""
    context = Context.RESOURCE_QUERY_RESPONSE
    rows = [one.model_dump(scim_ctx=context, response_parameters=asked) for one in found]
    message = ListResponse[Account](total_results=total, start_index=start, items_per_page=len(rows))
    return _answer(message.model_dump(scim_ctx=context) | {"Resources": rows}, 200)


def _refused(refusal: Exception) -> Response:
    if isinstance(refusal.__cause__, ValidationError):
        # What a patch came to is no resource: the library tells of it in the words of another one.
        refusal = refusal.__cause__
    if isinstance(refusal, SCIMException):
        return _told(refusal.status, refusal.scim_type or None, refusal.detail)
    if isinstance(refusal, ValidationError):
        first = Error.from_validation_errors(refusal)[0]
        return _told(first.status or 400, first.scim_type, first.detail or "")
    if isinstance(refusal, HTTPException):
        return _told(refusal.code or 500, None, refusal.description or refusal.name)
    assert isinstance(refusal, errors.Refusal)
    _, status, kind = next(face for face in FACES if isinstance(refusal, face[0]))
    return _told(status, kind, _detail(refusal))


def _detail(refusal: errors.Refusal) -> str:
    if isinstance(refusal, errors.Invalid):
        return "; ".join(f"{one.pointer.lstrip('/')}: {one.detail}" for one in refusal.problems)
    return refusal.detail


def _told(status: int, kind: str | None, detail: str) -> Response:
    return _answer(Error(status=status, scim_type=kind, detail=detail).model_dump(), status)


def _answer(body: dict[str, Any], status: int) -> Response:
    return current_app.response_class(current_app.json.dumps(body), status, mimetype=MIMETYPE)


class _Stale(SCIMException):
    status = 412
    _default_detail = "it was changed since you read it: read it again"
