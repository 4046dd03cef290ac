"""Who is mentioned in a bullet of action items owns it where the name is set apart, as in a task."""

from __future__ import annotations

import pytest

from postmortems.document.markdown import parser
from postmortems.document.readers import registry

ADA = '<a class="confluence-userlink user-mention" href="/display/~ada">Ada Lovelace</a>'
BULLETS = {
    f"<li>Add an alert – {ADA}</li>": ("Add an alert", "Ada Lovelace"),
    f"<li>{ADA}: add an alert</li>": ("add an alert", "Ada Lovelace"),
    f"<li><p>{ADA} - add an alert</p></li>": ("add an alert", "Ada Lovelace"),
    f"<li>Add an alert {ADA}</li>": ("Add an alert", "Ada Lovelace"),
    f"<li>Add an alert ({ADA})</li>": ("Add an alert (Ada Lovelace)", "Ada Lovelace"),
    f"<li>Add an alert – {ADA}, in May</li>": ("Add an alert – Ada Lovelace, in May", "Ada Lovelace"),
    f"<li>Talk to {ADA}</li>": ("Talk to Ada Lovelace", ""),
    f"<li>Give {ADA} a key</li>": ("Give Ada Lovelace a key", ""),
    f"<li>{ADA} asked for an alert</li>": ("Ada Lovelace asked for an alert", ""),
    f"<li>{ADA}</li>": ("Ada Lovelace", ""),
}


def page(body: str) -> bytes:
    title = '<h1><span id="title-text">Hub : Hub down</span></h1>'
    return f'<html><body>{title}<div id="main-content">{body}</div></body></html>'.encode()


@pytest.mark.parametrize("bullet, meant", BULLETS.items())
def test_a_name_that_is_set_apart_owns_a_bullet(bullet: str, meant: tuple[str, str]) -> None:
    document = registry.read("Hub-down_98304.html", page(f"<h2>Follow-ups</h2><ul>{bullet}</ul>"))

    assert [(item.text, item.owner) for item in document.items] == [meant]


def test_bullets_below_other_headings_have_no_owner() -> None:
    body = f"<h2>Follow-ups</h2><ul><li>Alert</li></ul><h2>Lessons</h2><ul><li>Ask – {ADA}</li></ul>"

    written = parser.write(registry.read("Hub-down_98304.html", page(body)))

    assert "Owner:" not in written
    assert "- Ask – Ada Lovelace" in written
