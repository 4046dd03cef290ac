"""Headings under which nobody wrote are no part of what readers are shown."""

from __future__ import annotations

import pytest

from postmortems.document import unwritten
from postmortems.document.markdown import parser
from postmortems.exchange.exports import layouts
from postmortems.exchange.exports.layouts import LAYOUTS

REPORT = """---
title: It broke
date: 2026-03-01
status: {status}
---

## Summary

Nobody could work.

## Impact

## Causes

### The disk

It was full.

## Action items

### Process

### Monitoring

1. Watch it.

### Upstream

## Lessons
"""
LEFT_OUT = ("## Impact", "### Process", "### Upstream", "## Lessons")
KEPT = ("## Summary", "## Causes", "### The disk", "## Action items", "### Monitoring")


def headings(text: str) -> set[str]:
    return {line.split(" {")[0] for line in text.splitlines() if line.startswith("##")}


def test_a_heading_above_headings_with_words_stays() -> None:
    found = unwritten.left_out(parser.parse(REPORT.format(status="published")))

    assert headings(parser.write(found)) == set(KEPT)


@pytest.mark.parametrize(
    "name",
    [name for name in LAYOUTS if name != layouts.PLAIN and not (LAYOUTS[name].page or LAYOUTS[name].file)],
)
@pytest.mark.parametrize("status, shown", [("published", set()), ("draft", set(LEFT_OUT))])
def test_every_layout_leaves_them_out_of_what_is_published(name: str, status: str, shown: set[str]) -> None:
    text = layouts.written(LAYOUTS[name], parser.parse(REPORT.format(status=status)), "it-broke")

    assert {each for each in LEFT_OUT if each in text} == shown
    assert [each for each in KEPT if each not in text] == []


def test_the_house_layout_is_the_document_itself() -> None:
    document = parser.parse(REPORT.format(status="published"))

    assert parser.parse(layouts.written(LAYOUTS[layouts.PLAIN], document, "it-broke")) == document
