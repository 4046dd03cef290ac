"""Which texts are a report in a fence, and which only hold fences."""

from __future__ import annotations

import pytest

from postmortems.document.readers import fenced
from postmortems.document.readers import registry as readers_registry

WHOLE = {
    "named": "```markdown\n# R\n\ntext\n```\n",
    "unnamed": "```\n# R\n```",
    "tildes": "~~~md\n## R\n~~~\n\n",
    "longer, round fences without a language": "````markdown\n# R\n```\nx\n```\n````\n",
    "round fences with a language": "```markdown\n# R\n```sh\nx\n```\n```\n",
    "blank lines above": "\n\n```markdown\n# R\n```",
}
NOT_WHOLE = {
    "no heading": "```markdown\ntext\n```\n",
    "code": "```python\n# comment\n```\n",
    "words below": "```markdown\n# R\n```\n\nwords\n",
    "words above": "words\n\n```markdown\n# R\n```\n",
    "never closed": "```markdown\n# R\n",
    "two of them": "```\n# R\n```\n\n```\n# S\n```\n",
    "a text between two": "```\n# R\n```\nwords\n```sh\n# S\n```\n",
    "empty": "",
    "a mark alone": "```",
}


@pytest.mark.parametrize("text", WHOLE.values(), ids=WHOLE.keys())
def test_a_report_in_a_fence_is_what_is_inside(text: str) -> None:
    assert fenced.is_whole(text)
    assert readers_registry.to_markdown("report.md", text) == fenced.to_markdown(text)


@pytest.mark.parametrize("text", NOT_WHOLE.values(), ids=NOT_WHOLE.keys())
def test_a_text_that_holds_a_fence_stays_as_it_is(text: str) -> None:
    assert not fenced.is_whole(text)
