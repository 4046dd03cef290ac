"""A template is told from a report, whatever of its template a report has kept."""

from __future__ import annotations

import pytest

from postmortems.document.lint.blank_forms import is_template
from postmortems.document.markdown import parser

TEMPLATES = (
    "# <title>\n\n## Timeline\n\n- HH:MM UTC something\n",
    "# [Date]: [Title]\n\n## Impact\n\nWho was hit.\n",
    "# Incident title\n\n## Summary\n",
    "# Postmortem template\n\nCopy this page.\n",
    "# Title (incident #)\n\n## Summary\n\nWhat happened\n",
    "# {{ title }}\n\nDate: {{ date }}\n",
    "# Data8 postmortem: {Incident Title}\n\nDate: today\n",
    "# YYYY-MM-DD what happened\n\n## Summary\n\nTODO\n",
    "# Our report\n\nDate: YYYY-MM-DD\n\n- HH:MM it began\n",
    "# Our report\n\n## Summary\n\n_What?_\n\n## Impact\n\n> Who\n\n## Actions\n\n<!-- a list -->\n",
    "# Our report\n\n## Author checklist\n\n- [ ] Somebody has read it\n- [ ] It has a date\n",
)
REPORTS = (
    "# Disk full\n\nDate: 2018-01-25\n\nTODO\n\n## Timeline\n\n- 10:00 full\n- 10:05 HH:MM\n- HH:MM z\n",
    "# Incident report\n\nDate: 2018-01-25\n\n## Timeline\n\n- 10:00 full\n- 10:05 empty\n",
    "# The template engine broke\n\n## Summary\n\nPages with `{{ title }}` were empty.\n",
    "# Names were lost\n\nNobody knows when.\n",
    "# Disk full\n\n## Author checklist\n\n- [x] Somebody has read it\n- [ ] It has a date\n",
    "# Disk full 2018-01-25\n\n## Checklist\n\n- [ ] Somebody has read it\n",
    "# Disk full\n\n## Summary\n\nIt was.\n\n## Impact\n\n## Actions\n",
    "Only words.",
    "",
)


@pytest.mark.parametrize("text", TEMPLATES)
def test_a_form_that_nobody_has_filled_in_is_a_template(text: str) -> None:
    assert is_template(parser.parse(text), text, "report.md")


@pytest.mark.parametrize("text", REPORTS)
def test_a_report_is_none(text: str) -> None:
    assert not is_template(parser.parse(text), text, "report.md")


@pytest.mark.parametrize(
    "name, text, is_one",
    [
        ("template-incident-report.md", "# Our report\n", True),
        ("docs/postmortem-template.md", "# Our report\n", True),
        ("2024-03-18-template-engine.md", "# Templates broke 2024-03-18\n\nThey did.\n", False),
        ("templates/a.md", "# Our report\n", False),
    ],
)
def test_the_name_of_a_file_is_a_sign(name: str, text: str, is_one: bool) -> None:
    assert is_template(parser.parse(text), text, name) is is_one
