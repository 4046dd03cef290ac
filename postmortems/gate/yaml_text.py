"""YAML as JSON would have it: how scenarios, guards and services are written by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from postmortems.errors import Invalid

TIMESTAMP = "tag:yaml.org,2002:timestamp"
# What is empty inside these is said, not left out.
RAW = frozenset({"config", "data", "probes"})


class PlainLoader(yaml.SafeLoader):
    """Times stay text, and nothing stands for something else elsewhere."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag != TIMESTAMP]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        # A few nested aliases unfold to gigabytes.
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("write it out: names such as *this are not taken")
        node: yaml.Node | None = super().compose_node(parent, index)
        return node


def read(text: str, pointer: str = "", longest: int = 100_000) -> Any:
    """YAML (or JSON, which is YAML) as plain values. Raises `Invalid` with line and column."""
    if len(text) > longest:
        raise Invalid(f"has {len(text):,} characters; at most {longest:,} are kept", pointer)
    try:
        return yaml.load(text, Loader=PlainLoader)
    except yaml.MarkedYAMLError as wrong:
        mark = wrong.problem_mark
        place = f" in line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise Invalid(f"cannot be read as YAML{place}: {wrong.problem}", pointer) from wrong
    except (yaml.YAMLError, ValueError, RecursionError) as wrong:
        raise Invalid(f"cannot be read as YAML: {str(wrong)[:200]}", pointer) from wrong


def write(value: Any) -> str:
    """The value as a person would write it, without what is empty: reading fills that in again."""
    return str(yaml.safe_dump(_told(value), sort_keys=False, allow_unicode=True, width=100))


def _told(value: Any) -> Any:
    if isinstance(value, Mapping):
        told = {name: inner if name in RAW else _told(inner) for name, inner in value.items()}
        return {name: inner for name, inner in told.items() if inner not in ("", None, [], {})}
    return [_told(inner) for inner in value] if isinstance(value, list) else value
