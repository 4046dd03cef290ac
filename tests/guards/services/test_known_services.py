"""A service exists once an incident names it: unconfirmed, until an admin registers it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from urllib.parse import quote

import pytest

from postmortems import visibility
from postmortems.actor import Actor
from postmortems.db import session as db
from postmortems.document.model import Document, Item, Section
from postmortems.errors import NotFound
from postmortems.gate.decisions import ask as decisions_ask
from postmortems.guards import operations
from postmortems.guards.services import known_services
from postmortems.visibility import Viewer
from tests.artifacts import digest
from tests.browser_forms import form_of
from tests.incidents.documents import save
from tests.runtimes import RUNTIME
from tests.shown import words
from tests.world import World

# As incidents name them, and as the address of the page has it.
NAMES = [
    ("checkout", "checkout"),
    ("Checkout", "Checkout"),
    ("Mein Hub", "Mein%20Hub"),
    ("überweisung", "%C3%BCberweisung"),
    ("決済", "%E6%B1%BA%E6%B8%88"),
    ("pay&go?x=1#y", "pay%26go%3Fx%3D1%23y"),
    ("100%", "100%25"),
    ("c++", "c%2B%2B"),
    ('a <b> "c"', "a%20%3Cb%3E%20%22c%22"),
]
by_name = pytest.mark.parametrize("name, path", NAMES, ids=[path for _, path in NAMES])


def named(*services: str, restricted: Sequence[str] = (), title: str = "It fell over") -> str:
    """The slug of an incident that names these services, with one item."""
    items = Section("Action items", (Item("Watch the queue.", kind="process", status="open"),))
    document = Document(
        title, date=date(2020, 2, 1), services=services, restricted=tuple(restricted), sections=(items,)
    )
    return save(document).slug


def question(service: str, target: str = "prod") -> dict[str, Any]:
    return {"service": service, "target": target, "artifact": {"digest": digest("51")}, "dry_run": True}


@by_name
def test_the_chip_of_a_named_service_leads_to_its_page(world: World, name: str, path: str) -> None:
    slug = named(f"{name}/prod")
    page = world.browser().get(f"/incidents/{slug}").text
    assert f'<a class="chip" href="/services/{path}">' in page

    text = words(world.browser("cy").get(f"/services/{path}").text)

    assert f"{name} unconfirmed" in text
    assert "It fell over" in text
    assert "Watch the queue." in text
    assert "Register" not in text


@by_name
def test_an_admin_registers_it_under_the_name_that_incidents_use(world: World, name: str, path: str) -> None:
    named(f"{name}/staging", f"{name}/prod")
    admin = world.browser("ben")
    page = admin.get(f"/services/{path}").text
    assert '<button class="button primary"' in page

    answer = admin.send(f"/services/{path}", {"title": "", "targets": "staging\nprod"})

    assert (answer.status_code, answer.headers["Location"]) == (303, f"/services/{path}")
    assert "unconfirmed" not in words(admin.get(f"/services/{path}").text)
    with db.reading(), visibility.seen_by(visibility.EVERYTHING):
        assert known_services.one(name).is_registered
        assert dict(known_services.choices())[name] == name


def test_who_is_no_admin_registers_nothing(world: World) -> None:
    named("checkout/prod")
    assert world.browser().send("/services/checkout", {"targets": "prod"}).status_code == 403
    with db.reading():
        assert not known_services.one("checkout").is_registered


@pytest.mark.parametrize(
    "targets, told",
    [
        ("", "name 1 to 50 targets"),
        ("prod\nprod", "named twice"),
        ("eu/prod", "without a slash"),
        ("x" * 101, "up to 100 characters"),
    ],
)
def test_what_cannot_be_registered_is_said_at_its_field(world: World, targets: str, told: str) -> None:
    named("checkout/prod")
    answer = world.browser("ben").send("/services/checkout", {"targets": targets})
    assert answer.status_code == 422
    assert told in words(answer.text)


def test_a_name_too_long_for_a_service_says_so_on_its_page(world: World) -> None:
    name = "x" * 150
    named(f"{name}/prod")
    answer = world.browser("ben").send(f"/services/{name}", {"targets": "prod"})
    assert answer.status_code == 422
    assert "up to 100 characters" in words(answer.text)


def test_there_is_no_page_for_a_name_that_nobody_wrote(world: World) -> None:
    named("checkout/prod")
    assert world.browser("ben").get("/services/chekout").status_code == 404
    assert world.browser("ben").send("/services/chekout", {"targets": "prod"}).status_code == 404


@pytest.mark.parametrize("service", [".", "..", "/prod", "../secrets"])
def test_what_no_address_can_say_has_a_chip_without_a_link(world: World, service: str) -> None:
    page = world.browser().get(f"/incidents/{named(service)}").text
    assert f'<span class="chip">{service}</span>' in page


FILTERS = ["/incidents", "/gate", "/guards", "/action-items", "/reports/process-fixes"]


@pytest.mark.parametrize("path", FILTERS)
def test_every_list_offers_it_as_unconfirmed(world: World, path: str) -> None:
    named("Mein Hub/prod")
    page = world.browser("cy").get(path).text
    assert '<option value="Mein Hub">Mein Hub (unconfirmed)' in page
    assert "<option>data8<" in page


@pytest.mark.parametrize(
    "path, found", [("/incidents", "It fell over"), ("/action-items", "Watch the queue.")]
)
def test_its_filter_finds_what_names_it(world: World, path: str, found: str) -> None:
    named("Mein Hub/prod")
    named("data8/prod", title="Another")
    text = words(world.browser().get(f"{path}?service={quote('Mein Hub')}").text)
    assert found in text
    assert "Another" not in text


@pytest.mark.parametrize("path", ["/import", "/write/choices?of=services&q=mein"])
def test_forms_know_it(world: World, path: str) -> None:
    named("Mein Hub/prod")
    assert "Mein Hub" in world.browser().get(path).text


def test_the_list_of_services_has_it_with_what_is_left_to_do(world: World) -> None:
    named("Mein Hub/prod")
    page = world.browser("ben").get("/services").text
    assert '<a href="/services/Mein%20Hub">Register it</a>' in page
    assert "Register it" not in world.browser().get("/services").text


def test_its_list_pages_through_both_kinds_by_name(world: World) -> None:
    named(*(f"svc {number}" for number in range(5)))
    with db.reading(), visibility.seen_by(visibility.EVERYTHING):
        first = known_services.listing(limit=3)
        rest = known_services.listing(after=first[-1].name, limit=50)
    found = [service.name for service in (*first, *rest)]
    assert sorted(found) == ["data8", *(f"svc {number}" for number in range(5))]
    assert len(set(found)) == 6


# ── The scenario form ──


def scenario(world: World, slug: str, **more: str) -> Any:
    browser = world.browser()
    form = form_of(browser.get(f"/gate/scenarios/new?incident={slug}").text)
    said = {"name": "As it was", "at": "2020-02-01T10:00", "asked.artifact.digest": digest("51")}
    return browser.send("/gate/scenarios/new", form | said | more | {"do": "save"})


def test_a_scenario_of_an_unconfirmed_target_is_recorded_and_says_that_nothing_covers_it(
    world: World,
) -> None:
    answer = scenario(world, named("Mein Hub/prod"))

    assert answer.status_code == 303
    text = words(world.browser().get(answer.headers["Location"]).text)
    assert "No guard covers Mein Hub/prod, so nothing would stop it." in text
    assert "not as it should be" in text


def test_a_service_without_a_target_is_written_on_in_the_form(world: World) -> None:
    slug = named("checkout")
    page = world.browser().get(f"/gate/scenarios/new?incident={slug}").text
    assert form_of(page)["target"] == "checkout/"

    unfinished = scenario(world, slug)
    assert unfinished.status_code == 422
    assert "write one as service/target" in words(unfinished.text)
    assert scenario(world, slug, target="checkout/prod").status_code == 303


@pytest.mark.parametrize("target", ["other/prod", "data8/moon"])
def test_a_scenario_is_not_about_what_neither_an_admin_nor_its_incident_knows(
    world: World, target: str
) -> None:
    answer = scenario(world, named("Mein Hub/prod", "data8"), target=target)
    assert answer.status_code == 422
    assert f"{target} is no target we know" in words(answer.text)


# ── The gate ──


def test_the_gate_blocks_what_is_not_registered_and_says_how_it_is(world: World) -> None:
    named("Mein Hub/prod")
    answer = decisions_ask.ask(question("Mein Hub"), actor=world.ada, runtime=RUNTIME)

    assert answer["decision"] == "block"
    (reason,) = answer["reasons"]
    assert reason["reason_code"] == "unknown_target"
    assert reason["summary"].startswith("incidents name Mein Hub, but it is not registered")
    assert "register Mein Hub with its targets" in reason["remedy"]


@pytest.mark.parametrize("name", ["ada", "cy"])
def test_the_gate_tells_nobody_what_only_a_restricted_incident_names(world: World, name: str) -> None:
    named("quiet/prod", restricted=["ada"])
    with visibility.seen_by(Viewer(name)):
        answer = decisions_ask.ask(question("quiet"), actor=world.ada, runtime=RUNTIME)
    assert answer["reasons"][0]["summary"].endswith("no service has that name, or it has no targets")


# ── Who may know ──


@pytest.mark.parametrize("reader, knows", [("ada", True), ("cy", False), ("ben", False)])
def test_a_restricted_incident_gives_its_names_to_those_it_is_shown_to(
    world: World, reader: str, knows: bool
) -> None:
    named("okapi/prod", restricted=["ada"])
    browser = world.browser(reader)
    for path in (*FILTERS, "/services", "/import" if reader != "cy" else "/services"):
        assert ("okapi" in browser.get(path).text) is knows, path
    assert browser.get("/services/okapi").status_code == (200 if knows else 404)
    with db.reading(), visibility.seen_by(Viewer(reader)):
        assert ("okapi" in dict(known_services.choices())) is knows


def test_an_admin_may_register_a_name_that_only_a_restricted_incident_uses(world: World) -> None:
    named("quiet/prod", restricted=["ada"])
    answer = world.browser("ben").send("/services", {"name": "quiet", "targets": "prod"})
    assert answer.status_code == 303


# ── The API ──


def test_the_api_says_what_is_registered(world: World) -> None:
    named("Mein Hub/prod", "Mein Hub")
    assert world.app is not None
    client = world.app.test_client()
    listed = client.get("/api/v1/services", headers=world.headers("cy")).json["services"]

    assert {one["name"]: (one["is_registered"], one["named_targets"]) for one in listed} == {
        "Mein Hub": (False, ["prod"]),
        "data8": (True, []),
    }
    one = client.get("/api/v1/services/Mein%20Hub", headers=world.headers("cy")).json
    assert (one["is_registered"], one["targets"]) == (False, [])

    body = {"name": "Mein Hub", "title": "", "targets": ["staging", "prod"]}
    made = client.post("/api/v1/services", json=body, headers=world.headers("ben"))
    assert (made.status_code, made.json["is_registered"]) == (201, True)
    assert [target["full_name"] for target in made.json["targets"]] == ["Mein Hub/staging", "Mein Hub/prod"]


def test_only_what_is_registered_is_edited_or_removed(world: World) -> None:
    named("checkout/prod")
    assert world.app is not None
    client, path = world.app.test_client(), "/api/v1/services/checkout"
    body = {"title": "", "targets": ["prod"]}
    assert client.put(path, json=body, headers=world.headers("ben")).status_code == 404
    assert client.delete(path, headers=world.headers("ben")).status_code == 404


# ── What it costs ──


@pytest.mark.parametrize(
    "ask, most",
    [
        (lambda: known_services.choices(), 1),
        (lambda: known_services.listing(limit=1000), 4),
        (lambda: known_services.one("svc 1"), 3),
    ],
    ids=["choices", "listing", "one"],
)
def test_ten_and_a_thousand_cost_the_same_queries(
    any_database: Any, count_queries: Any, ask: Any, most: int
) -> None:
    costs = []
    for count in (10, 1000):
        save(
            Document(f"Fell {count}", date=date(2020, 2, 1), services=tuple(f"svc {n}" for n in range(count)))
        )
        with db.reading(), visibility.seen_by(visibility.EVERYTHING), count_queries() as statements:
            ask()
        costs.append(len([one for one in statements if one.lstrip().startswith("SELECT")]))
    assert costs[0] == costs[1] <= most


def test_a_registered_one_keeps_its_order_of_promotion(any_database: Any) -> None:
    with db.transaction():
        operations.save_service("shop", "", ["staging", "canary", "prod"], actor=Actor.system("test"))
    named("shop/prod", "stall/b", "stall/a")
    with db.reading(), visibility.seen_by(visibility.EVERYTHING):
        found = known_services.targets(known_services.listing())
        with pytest.raises(NotFound):
            known_services.one("nothing")
    assert found == ["shop/staging", "shop/canary", "shop/prod", "stall/a", "stall/b"]
