"""Strict YAML: only what JSON can say, without duplicate keys, anchors or surprising types.

Only what JSON knows is more than text, so that `19:00`, `yes` and a date stay what was written. Nothing
stands for something else: no tags, no anchors, no key that comes twice.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from typing import Any

import yaml

from postmortems.errors import Invalid, Problem

DEEPEST = 64
# NUL, which PostgreSQL refuses, and halves of surrogate pairs, which no UTF-8 can say.
UNSTORABLE = re.compile("[\0\ud800-\udfff]")
# What is empty inside these is said, not left out.
RAW = frozenset({"config", "data", "probes"})


class PlainLoader(yaml.SafeLoader):
    """Reads texts, numbers, true, false, null, lists and mappings, and says where it finds others."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        if wrong := _what_is_wrong(event, self.depth):
            raise yaml.MarkedYAMLError(problem=wrong, problem_mark=event.start_mark)
        self.depth += 1
        node: yaml.Node | None = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        found: dict[Hashable, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.MarkedYAMLError(problem="a key is text", problem_mark=key.start_mark)
            if key.value in found:
                raise yaml.MarkedYAMLError(problem=f"{key.value} comes twice", problem_mark=key.start_mark)
            found[key.value] = self.construct_object(value, deep=deep)
        return found


# Each is part of what the writer takes for more than text: whatever it leaves without quotes is text here.
for tag, pattern, first in (
    ("bool", r"(?:true|True|TRUE|false|False|FALSE)\Z", "tTfF"),
    ("null", r"(?:~|null|Null|NULL|)\Z", ["~", "n", "N", ""]),
    ("int", r"-?(?:0|[1-9][0-9]{0,17})\Z", "-0123456789"),
    ("float", r"-?[0-9]{1,17}\.[0-9]{0,17}(?:[eE][-+][0-9]{1,2})?\Z", "-0123456789"),
):
    PlainLoader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), list(first))


def _what_is_wrong(event: Any, depth: int) -> str:
    """Why what begins here is not taken; "" where it is."""
    if isinstance(event, yaml.AliasEvent):
        return f"write it out: names such as *{event.anchor} are not taken"
    if getattr(event, "anchor", None) is not None:
        return f"write it out: names such as &{event.anchor} are not taken"
    if getattr(event, "tag", None) is not None:
        named = event.tag.replace("tag:yaml.org,2002:", "!!")
        return f"the tag {named} is not taken; write plain values"
    if depth > DEEPEST:
        return f"nested more than {DEEPEST} levels deep"
    if UNSTORABLE.search(getattr(event, "value", "") or ""):
        return "text with NUL or half a surrogate pair"
    return ""


def read(text: str, pointer: str = "", longest: int = 100_000) -> Any:
    """YAML (or JSON, which is YAML) as plain values. Raises `Invalid` with line and column."""
    if len(text) > longest:
        raise Invalid(f"has {len(text):,} characters; at most {longest:,} are kept", pointer)
    try:
        return yaml.load(text, Loader=PlainLoader)
    except yaml.MarkedYAMLError as wrong:
        mark = wrong.problem_mark or wrong.context_mark
        raise _unreadable(str(wrong.problem), pointer, (mark.line, mark.column) if mark else None) from wrong
    except yaml.reader.ReaderError as wrong:
        before = text[: wrong.position]
        place = before.count("\n"), len(before) - before.rfind("\n") - 1
        raise _unreadable(f"the character {wrong.character!r} is not taken", pointer, place) from wrong
    except (yaml.YAMLError, ValueError, RecursionError) as wrong:
        raise _unreadable(str(wrong)[:200], pointer, None) from wrong


def _unreadable(why: str, pointer: str, place: tuple[int, int] | None) -> Invalid:
    if place is None:
        return Invalid(f"cannot be read as YAML: {why}", pointer)
    line, column = place[0] + 1, place[1] + 1
    told = f"cannot be read as YAML in line {line}, column {column}: {why}"
    return Invalid([Problem(pointer, told, line)])


def line_of(text: str, pointer: str) -> int:
    """The line of a text that can be read in which stands what the pointer names, or what should have it."""
    node, line = yaml.compose(text, Loader=PlainLoader), 0
    for step in pointer.split("/")[1:]:
        place, node = _child(node, step.replace("~1", "/").replace("~0", "~"))
        if node is None:
            break
        line = place
    return line + 1


def _child(node: yaml.Node | None, step: str) -> tuple[int, yaml.Node | None]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == step:
                return key.start_mark.line, value
    if isinstance(node, yaml.SequenceNode) and step.isdecimal() and int(step) < len(node.value):
        value = node.value[int(step)]
        return value.start_mark.line, value
    return 0, None


def write(value: Any) -> str:
    """The value as a person would write it, without what is empty: reading fills that in again."""
    return write_all(_told(value))


def write_all(value: Any) -> str:
    """The value with all that is in it."""
    return str(yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=100))


def _told(value: Any) -> Any:
    if isinstance(value, Mapping):
        told = {name: inner if name in RAW else _told(inner) for name, inner in value.items()}
        return {name: inner for name, inner in told.items() if inner not in ("", None, [], {})}
    return [_told(inner) for inner in value] if isinstance(value, list) else value
