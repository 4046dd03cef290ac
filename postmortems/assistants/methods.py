"""Methods of the Model Context Protocol, apart from how a message comes: the same in both of its ages.

Shapes are those of its published schema, versions 2025-11-25 and 2026-07-28.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import postmortems
from postmortems.assistants import about, prompts, resources, toolbox
from postmortems.assistants.protocol_error import (
    INVALID_PARAMS,
    METHOD_NOT_FOUND,
    NOT_ALLOWED,
    ProtocolError,
)
from postmortems.assistants.tool import Caller, Fields
from postmortems.errors import NotAllowed, NotSignedIn, Refusal

CAPABILITIES: Fields = {
    "tools": {"listChanged": False},
    "resources": {"listChanged": False, "subscribe": False},
    "prompts": {"listChanged": False},
}


def server_info() -> Fields:
    return {"name": about.NAME, "title": about.TITLE, "version": postmortems.__version__}


def answer(method: str, params: Mapping[str, Any], caller: Caller) -> Fields:
    """The result of a method. Raises `ProtocolError` for one that is not known, and for what is refused."""
    found = METHODS.get(method)
    if found is None:
        raise ProtocolError(METHOD_NOT_FOUND, f"there is no method {method[:80]!r}")
    try:
        return found(params, caller)
    except (NotAllowed, NotSignedIn) as refusal:
        raise ProtocolError(NOT_ALLOWED, refusal.detail) from None
    except Refusal as refusal:
        raise ProtocolError(INVALID_PARAMS, toolbox.words(refusal)) from None


def _text(params: Mapping[str, Any], name: str, *, needed: bool = True) -> str:
    found = params.get(name, None if needed else "")
    if not isinstance(found, str):
        raise ProtocolError(INVALID_PARAMS, f"params.{name} has to be text")
    return found


def _of_one_page(params: Mapping[str, Any]) -> None:
    if _text(params, "cursor", needed=False):
        raise ProtocolError(INVALID_PARAMS, "this list has one page: leave the cursor out")


def _list_tools(params: Mapping[str, Any], _: Caller) -> Fields:
    _of_one_page(params)
    return {"tools": toolbox.described()}


def _call_tool(params: Mapping[str, Any], caller: Caller) -> Fields:
    return toolbox.call(_text(params, "name"), params.get("arguments"), caller)


def _list_resources(params: Mapping[str, Any], caller: Caller) -> Fields:
    return resources.listed(_text(params, "cursor", needed=False), caller)


def _list_templates(params: Mapping[str, Any], _: Caller) -> Fields:
    _of_one_page(params)
    return {"resourceTemplates": [resources.TEMPLATE]}


def _read_resource(params: Mapping[str, Any], caller: Caller) -> Fields:
    return resources.read(_text(params, "uri"), caller)


def _list_prompts(params: Mapping[str, Any], _: Caller) -> Fields:
    _of_one_page(params)
    return {"prompts": prompts.listed()}


def _get_prompt(params: Mapping[str, Any], caller: Caller) -> Fields:
    return prompts.get(_text(params, "name"), params.get("arguments"), caller)


METHODS: dict[str, Callable[[Mapping[str, Any], Caller], Fields]] = {
    "tools/list": _list_tools,
    "tools/call": _call_tool,
    "resources/list": _list_resources,
    "resources/templates/list": _list_templates,
    "resources/read": _read_resource,
    "prompts/list": _list_prompts,
    "prompts/get": _get_prompt,
}
# Whose results a client of the new age may keep, and for how long: not at all, for texts change and people's
# rights with them.
CACHEABLE = frozenset(METHODS) - {"tools/call", "prompts/get"}
