"""What a template asks of an item and nobody filled in: no words of its heading, and never lost."""

from __future__ import annotations

import pytest

from postmortems.document.markdown import parser, writer
from postmortems.document.markdown.items import item_blanks
from postmortems.document.text import words

REPORT = "# It broke\n\n## Action items\n\n"


@pytest.mark.parametrize(
    "below, heading",
    [
        ("- Owner:\n- Due:", ""),
        ("- Owner: TBD\n- Due: N/A", ""),
        ("- **Owner:**\n- **Due date**: *tbd*", ""),
        ("Owner:\nDue: to be decided.", ""),
        ("\n1. Owner: ___\n2. Priority: ?", ""),
        ("- Evidence:\n- Done when:\n- Ticket: [ ]", ""),
        ("- Owner: <name>\n- Due: YYYY-MM-DD", ""),
        ("- Zuständig: offen\n- Fällig:", ""),
        ("担当：未定", ""),
        # What says something stays, and so does what is no field of an item.
        ("- Owner:\n- Notes: see the runbook", "- Notes: see the runbook"),
        ("- Steps:\n- Owner:", "- Steps:"),
        ("- Status: open", "- Status: open"),
        ("- Due: after the freeze", "- Due: after the freeze"),
        ("- Owner:\n  - Ada\n- Due:", "- Owner:\n  - Ada"),
        ("Owner:\nAda and Kim", "Owner:\nAda and Kim"),
        ("```\nOwner:\n```", "```\nOwner:\n```"),
    ],
)
def test_a_field_that_nobody_filled_in_is_no_text_of_a_heading(below: str, heading: str) -> None:
    assert item_blanks.told(f"Add an alert\n{below}") == f"Add an alert\n{heading}".rstrip("\n")


def test_a_first_line_is_the_heading_whatever_it_says() -> None:
    assert item_blanks.told("Owner:\n- Due:") == "Owner:"
    assert item_blanks.told("Owner:") == "Owner:"


@pytest.mark.parametrize("below", ["- Owner:\n- Due:", "- Owner: TBD\n- Due: N/A", "- **Owner:**\n- Due:"])
def test_what_nobody_filled_in_goes_out_as_it_came_in(below: str) -> None:
    nested = "".join(f"   {line}\n" for line in below.split("\n"))
    text = f"{REPORT}1. Add an alert\n{nested}"
    document = parser.parse(text)
    (item,) = document.items

    assert item_blanks.told(item.text) == "Add an alert"
    assert writer.write(document).endswith(nested)
    assert not words(text) - words(writer.write(document))
