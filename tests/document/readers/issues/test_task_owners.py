"""Who is mentioned at the end of a to-do owns it; who is asked or told does not."""

from __future__ import annotations

import pytest

from postmortems.document.readers.issues import jira_text, task_owners

OWNED = {
    "- [ ] Add an alert @ada": "- [ ] Add an alert (owner: @ada)",
    "1. [x] Add an alert @ada @bo-li": "1. [x] Add an alert (owner: @ada, @bo-li)",
    "- [ ] Add an alert @acme/sre and @ada.": "- [ ] Add an alert (owner: @acme/sre, @ada)",
    "- [X] Add an alert @ada (#12)": "- [X] Add an alert (#12) (owner: @ada)",
    "  - [ ] Add an alert @ada acme/hub#12": "  - [ ] Add an alert acme/hub#12 (owner: @ada)",
}
NOT_OWNED = (
    "- [ ] Ask @ada",
    "- [ ] Talk to @ada and @bo",
    "- [ ] @ada",
    "- [ ] Let @ada know",
    "- [ ] Add an alert - @ada",
    "- [ ] Mail ada@example.org",
    "- Add an alert @ada",
    "```\n- [ ] Add an alert @ada\n```",
)
RENDERED = {
    "check": "- ✅ Add an alert",
    "error": "- [ ] Add an alert",
    "star_yellow": "- ⭐ Add an alert",
}


@pytest.mark.parametrize("text, meant", OWNED.items())
def test_a_mention_at_the_end_owns_a_to_do(text: str, meant: str) -> None:
    assert task_owners.told(text) == meant


@pytest.mark.parametrize("text", NOT_OWNED)
def test_any_other_mention_stays_where_it_is(text: str) -> None:
    assert task_owners.told(text) == text


@pytest.mark.parametrize("name, meant", RENDERED.items())
def test_the_signs_of_jira_are_read_in_rendered_text(name: str, meant: str) -> None:
    picture = f'<img class="emoticon" src="https://x.example/images/icons/emoticons/{name}.png" alt=""/>'

    assert jira_text.markdown(f"<ul><li>{picture} Add an alert</li></ul>").strip() == meant
