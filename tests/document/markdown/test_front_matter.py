"""Values of front matter are what YAML says they are, whether it is asked or not."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from postmortems.document.markdown import front_matter, parser


def by_yaml(raw: str) -> Any:
    try:
        return yaml.load(raw, Loader=yaml.BaseLoader)
    except yaml.YAMLError:
        return yaml.YAMLError


def read(raw: str) -> Any:
    try:
        return front_matter._loaded(raw)
    except yaml.YAMLError:
        return yaml.YAMLError


@example("")
@example(" a  b ")
@example("a: b # c")
@example("\\n")
@example('a" b')
@example("a\u2028b")
@example("a\x85b")
@example("\ufeffa")
@example("\U0001f600")
@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=40))
def test_a_value_in_quotes_is_what_yaml_says(text: str) -> None:
    assert read(f'"{text}"') == by_yaml(f'"{text}"')


def test_a_title_that_was_written_in_quotes_is_read_without_yaml(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_words: object) -> None:
        raise AssertionError("YAML was asked")

    monkeypatch.setattr(yaml, "load", refuse)

    document = parser.parse("# Hub 17: Ärger mit `kube-proxy` (#4)\n\nIt was down.\n")

    assert 'title: "Hub 17: Ärger mit `kube-proxy` (#4)"' in parser.write(document)
    assert document.title == "Hub 17: Ärger mit `kube-proxy` (#4)"
