"""Guards and services as pages: the form comes from the kind's schema, and refusals stand at their fields."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from postmortems import clock
from postmortems.db import session as db
from postmortems.guards import operations, queries
from postmortems.guards.kinds.registry import KINDS
from tests.shown import with_demo, words
from tests.world import World

WINDOW = {
    "kind": "window",
    "slug": "no-fridays",
    "title": "No deploys on Fridays",
    "level": "shadow",
    "on_error": "block",
    "is_enabled": "on",
    "targets": ["data8/prod"],
    "config.mode": "deny",
    "config.tz": "Europe/Berlin",
    "config.starts": "00:00",
    "config.ends": "23:59",
    "config.rrule": "FREQ=WEEKLY;BYDAY=FR",
}


@pytest.fixture
def shown(world: World) -> World:
    return with_demo(world)


def fields_of(html: str) -> dict[str, Any]:
    """What the form that changes a guard would send back."""
    form = html[html.index('id="form"') :]
    fields: dict[str, Any] = dict(
        re.findall(r'<input type="(?:text|date|hidden)"[^>]*name="([^"]+)" value="([^"]*)"', form)
    )
    fields |= re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>\n(.*?)</textarea>', form, re.DOTALL)
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        fields[name] = (re.findall(r'value="([^"]*)" selected', options) or [""])[0]
    for name, value in re.findall(r'<input type="checkbox" name="([^"]+)" value="([^"]*)"[^>]*checked', form):
        fields[name] = [*fields.get(name, []), value] if name == "targets" else value
    fields.pop("csrf_token", None)
    return {
        name: value.replace("&#39;", "'") if isinstance(value, str) else value
        for name, value in fields.items()
    }


@pytest.mark.parametrize("kind", KINDS)
def test_the_form_has_every_field_of_the_kind_with_its_help(shown: World, kind: str) -> None:
    text = words(shown.browser().get(f"/guards/new?kind={kind}").text)

    for field in KINDS[kind].Config().fields.values():
        assert field.metadata["label"] in text
        assert field.metadata["description"] in text


def test_a_guard_is_made_for_an_item_which_then_names_it(shown: World) -> None:
    answer = shown.browser().send("/guards/new", WINDOW | {"item": "AI-3"})

    assert answer.headers["Location"] == "/guards/no-fridays"
    page = words(shown.browser("cy").get("/guards/no-fridays").text)
    assert "shadow" in page
    assert "Linked action items Accidental merge to prod brings things down" in page
    assert "target-confirmed, no-fridays" in shown.browser().get(
        "/incidents/2018-01-25-accidental-merge-to-prod.md"
    ).text.replace(" (soft, proven)", "").replace(" (shadow, proven)", "")


@pytest.mark.parametrize(
    "changes, field, message",
    [
        ({"slug": "No Fridays"}, "f-slug", "slug"),
        ({"slug": "lab-hours"}, "f-slug", "already"),
        ({"config.tz": "Berlin"}, "f-config-tz", "zone"),
        ({"config.rrule": "FREQ=SECONDLY"}, "f-config-rrule", "FREQ"),
        ({"config.starts": "soon"}, "f-config-starts", ""),
        ({"targets": []}, "f-targets", ""),
        ({"targets": ["data8/nowhere"]}, "f-targets", "data8/nowhere"),
        ({"level": "hard"}, "f-level", "needs a drill"),
        ({"level": "steel"}, "f-level", ""),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    shown: World, changes: dict[str, Any], field: str, message: str
) -> None:
    answer = shown.browser().send("/guards/new", WINDOW | changes)

    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert message in words(answer.text)
    if "title" not in changes:
        assert "No deploys on Fridays" in answer.text
    with db.reading():
        assert "no-fridays" not in queries.by_slugs(["no-fridays"])


def test_sending_the_form_back_as_it_came_changes_nothing(shown: World) -> None:
    for slug in ("lab-hours", "target-confirmed", "staging-validated", "staging-online"):
        with db.reading():
            before = queries.by_slug(slug)
        html = shown.browser().get(f"/guards/{slug}").text
        assert shown.browser().send(f"/guards/{slug}", fields_of(html)).status_code == 303
        with db.reading():
            after = queries.by_slug(slug)
        assert (after.revision, after.config) == (before.revision, before.config)


def test_a_guard_that_was_edited_meanwhile_is_not_overwritten(shown: World) -> None:
    browser = shown.browser()
    form = fields_of(browser.get("/guards/lab-hours").text)
    assert browser.send("/guards/lab-hours", form | {"title": "First"}).status_code == 303

    answer = browser.send("/guards/lab-hours", form | {"title": "Second"})

    assert answer.status_code == 409
    assert {"First", "Second"} <= set(re.findall("First|Second", answer.text))


def test_testing_a_guard_keeps_a_verdict_and_decides_nothing(shown: World) -> None:
    browser = shown.browser()

    answer = browser.send("/guards/target-confirmed/test", follow_redirects=True)

    assert "Tested:" in words(answer.text)
    assert "A test, just now" in words(answer.text)


def test_a_guard_that_flaps_says_so_where_it_is_shown(shown: World) -> None:
    shown.browser().send("/guards/lab-hours/test", {})
    with db.transaction():
        queries.by_slug("lab-hours").flaps_since = datetime(2026, 3, 2, 9, 20, tzinfo=UTC)

    page = words(shown.browser("cy").get("/guards/lab-hours").text)
    assert "It flaps since 2026-03-02 09:20" in page
    assert "its newest scheduled probe failed" in page
    assert "flaps" in words(shown.browser("cy").get("/guards?q=lab-hours").text)
    assert shown.app is not None
    mine = {"Authorization": f"Bearer {shown.token('ada', 'read')}"}
    told = shown.app.test_client().get("/api/v1/guards/lab-hours", headers=mine)
    assert told.json["flaps_since"] == "2026-03-02T09:20:00+00:00"


def test_deleting_a_guard_lets_its_items_slide_back(shown: World) -> None:
    shown.browser().send("/guards/target-confirmed/delete")

    assert "regressed" in words(shown.browser("cy").get("/action-items/AI-3").text)


def test_an_admin_adds_a_service_and_nobody_else(shown: World) -> None:
    form = {"name": "hub", "title": "The hub", "targets": "staging\r\nprod\r\n"}

    assert shown.browser("ada").send("/services", form).status_code == 403
    assert shown.browser("ben").send("/services", form).headers["Location"] == "/services/hub"
    with db.reading():
        assert [target.name for target in queries.service("hub").targets] == ["staging", "prod"]


@pytest.mark.parametrize(
    "form, field",
    [
        ({"name": "data8", "targets": "prod"}, "f-name"),
        ({"name": "with/slash", "targets": "prod"}, "f-name"),
        ({"name": "", "targets": "prod"}, "f-name"),
        ({"name": "hub", "targets": ""}, "f-targets"),
        ({"name": "hub", "targets": "prod\nprod"}, "f-targets"),
        ({"name": "hub", "targets": "a/b"}, "f-targets"),
    ],
)
def test_a_service_that_cannot_be_is_refused_at_its_field(
    shown: World, form: dict[str, str], field: str
) -> None:
    answer = shown.browser("ben").send("/services", form)

    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text


def test_a_target_that_guards_cover_cannot_go(shown: World) -> None:
    answer = shown.browser("ben").send("/services/data8", {"title": "Data 8", "targets": "staging"})

    assert answer.status_code == 422
    assert "cannot go while guards cover it" in words(answer.text)
    with db.reading():
        assert len(queries.service("data8").targets) == 2


# What the way out did is for operators.


def test_only_an_admin_sees_whom_a_guard_asked_and_why_it_saw_nothing(shown: World) -> None:
    assert shown.app is not None
    client, look = shown.app.test_client(), "/api/v1/guards/staging-online/last-look"
    sent = {
        name: {"Authorization": f"Bearer {shown.token(name, 'admin', 'read')}"}
        for name in ("ada", "ben", "cy")
    }
    assert client.get(look, headers=sent["ben"]).status_code == 404
    detail = "10.1.2.3: connection refused (allowed by 10.0.0.0/8)"
    with db.transaction():
        guard = queries.by_slug("staging-online")
        data = {"unreachable": "it cannot be reached from here", "detail": detail, "rule": "10.0.0.0/8"}
        operations.record_observation(guard.id, data, clock.now())

    assert detail in shown.browser("ben").get("/guards/staging-online").text
    assert client.get(look, headers=sent["ben"]).json["detail"] == detail
    for name in ("ada", "cy"):
        page = shown.browser(name).get("/guards/staging-online")
        assert (page.status_code, "10.1.2.3" in page.text) == (200, False)
        assert client.get(look, headers=sent[name]).status_code == 403


def test_who_saves_a_guard_second_sees_both_beside_each_field(shown: World) -> None:
    browser = shown.browser()
    form = fields_of(browser.get("/guards/lab-hours").text)
    browser.send("/guards/lab-hours", form | {"remedy": "What Ada says", "owner": "@ada"})

    second = browser.send("/guards/lab-hours", form | {"remedy": "What Ben says"})
    again = fields_of(second.text)
    saved = browser.send("/guards/lab-hours", again | {"owner": "@ada"})

    assert second.status_code == 409
    assert again["remedy"] == "What Ben says"
    assert "somebody else saved &#34;What Ada says&#34; here meanwhile" in second.text
    assert "somebody else saved &#34;@ada&#34; here meanwhile" in second.text
    assert saved.status_code == 303


def parts_of(html: str) -> tuple[str, str, bool]:
    """The form's fields that stand first, those under More settings, and whether these are open."""
    form = html[html.index('name="title"') :]
    first, _, more = form.partition('<details class="fold more-settings" id="more-settings"')
    return first, more.partition("</details>")[0], more.startswith(" open")


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_guard_shows_the_few_fields_that_matter_and_keeps_the_rest(shown: World, kind: str) -> None:
    first, more, is_open = parts_of(shown.browser().get(f"/guards/new?kind={kind}").text)

    named = [set(re.findall(r'name="(config\.[^"]+)"', part)) for part in (first, more)]
    fields = KINDS[kind].Config().fields
    assert named[0] | named[1] == {f"config.{name}" for name in fields}
    # With the title and the targets they are five, but for two kinds that take a fourth of their own.
    assert 1 <= len(named[0]) <= (4 if KINDS[kind].leads else 3)
    assert not {f"config.{name}" for name, field in fields.items() if field.required} & named[1]
    assert not is_open


@pytest.mark.parametrize(
    "changes, is_open",
    [
        ({"targets": []}, False),
        ({"targets": [], "config.tz": "Nowhere/Else"}, False),
        ({"targets": [], "config.runway_s": "900"}, False),
        ({"targets": [], "config.runway_s": "60"}, True),
        ({"config.runway_s": "soon"}, True),
        ({"targets": [], "remedy": "Wait until Monday."}, True),
        ({"targets": [], "owner": "@ada"}, True),
        ({"targets": [], "is_enabled": ""}, True),
        ({"level": "soft"}, True),
        ({"title": "", "slug": ""}, True),
    ],
)
def test_more_settings_open_where_one_is_wrong_or_unusual(
    shown: World, changes: dict[str, Any], is_open: bool
) -> None:
    answer = shown.browser().send("/guards/new", WINDOW | {"slug": ""} | changes)

    assert answer.status_code == 422
    assert parts_of(answer.text)[2] is is_open


def test_a_guard_is_named_after_its_title_where_nobody_named_it(shown: World) -> None:
    answer = shown.browser().send("/guards/new", WINDOW | {"slug": "", "level": "shadow"})

    assert answer.headers["Location"] == "/guards/no-deploys-on-fridays"


def test_a_box_that_was_unticked_stays_so_when_the_form_is_refused(shown: World) -> None:
    form = {"kind": "signoff", "title": "Looked at", "targets": [], "config.min_approvers": "1"}
    answer = shown.browser().send("/guards/new", form)

    assert answer.status_code == 422
    assert not re.search(r'name="config\.bar_requester"[^>]*checked', answer.text)
    assert re.search(
        r'name="config\.bar_requester"[^>]*checked', shown.browser().get("/guards/new?kind=signoff").text
    )


def test_the_form_can_begin_at_a_level_that_is_not_saved_yet(shown: World) -> None:
    html = shown.browser().get("/guards/target-confirmed?level=advisory").text

    assert '<option value="advisory" selected>' in html
    assert parts_of(html)[2]
    assert '<option value="' in shown.browser().get("/guards/target-confirmed?level=steel").text
