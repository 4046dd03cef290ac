"""Tables that are forms become sections; any other table stays one, with all its words."""

from __future__ import annotations

import pytest

from postmortems.document.readers import html
from postmortems.document.readers.rich_text import form_tables
from postmortems.document.readers.to_markdown import compose


def opened(text: str) -> str:
    return compose(form_tables.opened(html.parsed(text).children))


def row(*cells: str) -> str:
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


SUMMARY, IMPACT = row("Summary", "It was down."), row("Impact", "340 users")
STAY = {
    "sections beside it": f"<h2>Timeline</h2><table>{SUMMARY}{IMPACT}</table>",
    "one name of a section": f"<table>{SUMMARY}{row('Owner', 'Ada')}</table>",
    "three columns": f"<table>{row('Summary', 'It was down.', 'x')}{row('Impact', 'all', 'y')}</table>",
    "a row that asks nothing": f"<table>{SUMMARY}{IMPACT}{row('', 'more')}</table>",
    "keys and values": f"<table>{row('Date', '2024-01-01')}{row('Owner', 'Ada')}</table>",
}


@pytest.mark.parametrize("text", STAY.values(), ids=STAY.keys())
def test_what_is_no_form_stays_a_table(text: str) -> None:
    assert "|---|" in opened(text)


OPENED = {
    "names beside their words": (
        f"<table>{SUMMARY}{IMPACT}</table>",
        "## Summary\n\nIt was down.\n\n## Impact\n\n340 users",
    ),
    "names above their words": (
        f"<table>{row('Summary')}{row('It was down.')}{row('Impact:')}{row('340 users')}</table>",
        "## Summary\n\nIt was down.\n\n## Impact\n\n340 users",
    ),
    "a name at the end, with nothing below": (
        f"<table>{SUMMARY}{row('Impact')}</table>",
        "## Summary\n\nIt was down.\n\n## Impact",
    ),
    "inside of a layout": (
        f"<div><div><table><tbody>{SUMMARY}{IMPACT}</tbody></table></div></div>",
        "## Summary\n\nIt was down.\n\n## Impact\n\n340 users",
    ),
    "lines of things to do": (
        f"<table>{SUMMARY}{row('Action items', '<p>Alert</p><p>Test<br>Tell</p>')}</table>",
        "## Summary\n\nIt was down.\n\n## Action items\n\n- Alert\n- Test\n- Tell",
    ),
    "a list of things to do": (
        f"<table>{SUMMARY}{row('Action items', '<ul><li>Alert</li></ul>')}</table>",
        "## Summary\n\nIt was down.\n\n## Action items\n\n- Alert",
    ),
    "a row of keys between": (
        f"<table>{SUMMARY}{row('Owner', 'Ada')}{IMPACT}</table>",
        "## Summary\n\nIt was down.\n\n|  |  |\n|---|---|\n| Owner | Ada |\n\n## Impact\n\n340 users",
    ),
}


@pytest.mark.parametrize("text, made", OPENED.values(), ids=OPENED.keys())
def test_a_form_becomes_sections(text: str, made: str) -> None:
    assert opened(text) == made
