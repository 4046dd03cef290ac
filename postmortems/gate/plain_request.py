"""Requests as nearly all pipelines send them, read without their schema, which takes ten times as long.

It is no second opinion: what is not plainly right is left to the schema, which says what is wrong.
"""

from __future__ import annotations

import re
from typing import Any

from postmortems.egress import kept_urls
from postmortems.egress.urls import Refused
from postmortems.formats import artifact_ids
from postmortems.guards.judgement import CHANGE_KINDS

NAMES = frozenset(
    {
        *("service", "target", "declared_target", "artifact", "change_kind", "resolves"),
        *("run", "actor", "dry_run", "wait_s"),
    }
)
OF_AN_ARTIFACT = frozenset({"digest", "sha", "components"})
OF_A_RUN = frozenset({"provider", "id", "attempt", "url", "committers", "typed_target"})
MOST = 100
ITEM = re.compile(r"AI-[1-9]\d{0,8}\Z")


class Unusual(Exception):
    """The schema has to look at it."""


def read(asked: object, longest_wait_s: int) -> dict[str, Any] | None:
    """What the schema of a request makes of it; None where that has to look itself."""
    if not isinstance(asked, dict) or not NAMES.issuperset(asked):
        return None
    try:
        return {
            "service": _text(asked["service"], 100, least=1),
            "target": _text(asked["target"], 100, least=1),
            "declared_target": _text(asked.get("declared_target", ""), 201),
            "artifact": _artifact(asked.get("artifact", {})),
            "change_kind": _one_of(asked.get("change_kind", "feature"), CHANGE_KINDS),
            "resolves": [_resolved(item) for item in _few(asked.get("resolves", []))],
            "run": _run(asked.get("run", {})),
            "actor": _text(asked.get("actor", ""), 200),
            "at": None,
            "dry_run": _flag(asked.get("dry_run", False)),
            "wait_s": _number(asked.get("wait_s", 0), 0, longest_wait_s),
        }
    except (Unusual, Refused, KeyError, ValueError):
        return None


def _artifact(said: object) -> dict[str, Any]:
    if not isinstance(said, dict) or not OF_AN_ARTIFACT.issuperset(said):
        raise Unusual
    digest, sha = _text(said.get("digest", ""), 200), _text(said.get("sha", ""), 200)
    return {
        "digest": artifact_ids.digest(digest) if digest.strip() else "",
        "sha": artifact_ids.commit_id(sha) if sha.strip() else "",
        "components": _components(said.get("components", {})),
    }


def _run(said: object) -> dict[str, Any]:
    if not isinstance(said, dict) or not OF_A_RUN.issuperset(said):
        raise Unusual
    name = said.get("id", "")
    return {
        "provider": _text(said.get("provider", ""), 50),
        "id": _text(name, 200) if isinstance(name, str) else _number(name, 0, 2**63 - 1),
        "attempt": _number(said.get("attempt", 1), 1, 100_000),
        "url": _url(said.get("url", "")),
        "committers": [_text(one, 200, least=1) for one in _few(said.get("committers", []))],
        "typed_target": _text(said.get("typed_target", ""), 201),
    }


def _text(said: object, longest: int, least: int = 0) -> str:
    if type(said) is not str or not least <= len(said) <= longest:
        raise Unusual
    return said


def _one_of(said: object, words: tuple[str, ...]) -> str:
    if type(said) is not str or said not in words:
        raise Unusual
    return said


def _number(said: object, least: int, most: int) -> int:
    if type(said) is not int or not least <= said <= most:
        raise Unusual
    return said


def _flag(said: object) -> bool:
    if type(said) is not bool:
        raise Unusual
    return said


def _few(said: object) -> list[Any]:
    if type(said) is not list or len(said) > MOST:
        raise Unusual
    return said


def _resolved(said: object) -> str:
    if type(said) is not str or not ITEM.match(said):
        raise Unusual
    return said


def _components(said: object) -> dict[str, str]:
    if not isinstance(said, dict) or len(said) > MOST:
        raise Unusual
    return {_text(name, 100, least=1): _text(version, 200) for name, version in said.items()}


def _url(said: object) -> str:
    url = _text(said, 2000)
    if url:
        kept_urls.refuse_secret(url, instead="")
    return url
