"""`/metrics`: who reads it, what it counts, what it keeps to itself, and what it costs."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from postmortems import clock as the_clock
from postmortems.db import session as db
from postmortems.document.model import Item
from postmortems.reports.services import counts, exposition, metrics
from postmortems.reports.services.counts import Counts
from postmortems.reports.services.exposition import Gauge
from tests import prometheus, system_packages
from tests.conftest import Clock
from tests.reports.services import told_services
from tests.world import World

SAMPLE = re.compile(r'^(\w+)(?:\{service="([^"]*)"\})? (\d+)$', re.MULTILINE)
PROMETHEUS = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
    "application/openmetrics-text;version=0.0.1;q=0.5,"
    "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
)


@pytest.fixture
def told(any_database: str, world: World, clock: Clock) -> World:
    told_services.told(world)
    return world


def scraped(client: FlaskClient, world: World, accept: str = "") -> TestResponse:
    answer = client.get("/metrics", headers={**world.headers("cy"), "Accept": accept})
    assert answer.status_code == 200
    return answer


def samples(text: str) -> dict[tuple[str, str], int]:
    return {(name, service): int(value) for name, service, value in SAMPLE.findall(text)}


def test_open_overdue_and_unproven_items_are_counted_by_service(told: World, client: FlaskClient) -> None:
    found = samples(scraped(client, told).text)

    by_service = {
        service: tuple(
            found[f"postmortems_service_action_items_{name}", service]
            for name in ("open", "overdue", "unproven")
        )
        for name, service in found
        if service
    }
    assert by_service == {"hub": (3, 2, 1), "data8": (1, 1, 0), "-": (1, 0, 0), "idle": (0, 0, 0)}


def test_each_item_counts_once_in_the_whole(told: World, client: FlaskClient) -> None:
    found = samples(scraped(client, told).text)

    assert [found[f"postmortems_action_items_{name}", ""] for name in ("open", "overdue", "unproven")] == [
        4,
        2,
        1,
    ]


def test_who_sees_a_restricted_incident_reads_the_same_as_who_does_not(
    told: World, client: FlaskClient
) -> None:
    named, other = (client.get("/metrics", headers=told.headers(name)).text for name in ("ada", "cy"))

    assert "vault" not in named
    # The database itself grows between the two.
    assert re.sub(r"postmortems_database_.*", "", named) == re.sub(r"postmortems_database_.*", "", other)


def test_the_day_makes_an_item_overdue(told: World, client: FlaskClient, clock: Clock) -> None:
    clock.advance(days=31)

    found = samples(scraped(client, told).text)

    assert found["postmortems_service_action_items_overdue", "hub"] == 3


def test_it_costs_as_much_with_many_items_as_with_few(
    told: World, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    def statements() -> int:
        with db.reading(), count_queries() as asked:
            metrics.gauges(the_clock.now())
        assert not [each for each in asked if "action_items" in each]
        return len(asked)

    few = statements()
    for number in range(5):
        items = (Item(f"Do {each}.", status="open") for each in range(40))
        told_services.write(f"Report {number}", *items, services=(f"service-{number}",))

    assert statements() == few <= 6


def test_services_beyond_the_most_are_counted_as_left_out(
    told: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counts, "MOST", 2)

    with db.reading():
        found = counts.overview(the_clock.now())

    assert found == counts.Overview(Counts(4, 2, 1), {"data8": Counts(1, 1), "hub": Counts(3, 2, 1)}, 2)


@pytest.mark.parametrize(
    "accept, content_type",
    [
        ("", exposition.PLAIN),
        ("*/*", exposition.PLAIN),
        ("text/plain", exposition.PLAIN),
        ("text/html,application/xhtml+xml,*/*;q=0.8", exposition.PLAIN),
        ("application/openmetrics-text", exposition.OPEN_METRICS),
        ("application/openmetrics-text; version=1.0.0", exposition.OPEN_METRICS),
        ("application/openmetrics-text;version=2.0.0,text/plain;q=0.1", exposition.PLAIN),
        ("application/openmetrics-text;q=0", exposition.PLAIN),
        ("text/plain, application/openmetrics-text;q=0.5", exposition.PLAIN),
        (PROMETHEUS, exposition.OPEN_METRICS),
    ],
)
def test_it_answers_in_the_format_that_is_asked_for(
    told: World, client: FlaskClient, accept: str, content_type: str
) -> None:
    answer = scraped(client, told, accept)

    assert answer.headers["Content-Type"] == content_type
    assert answer.text.endswith("# EOF\n") == (content_type == exposition.OPEN_METRICS)


def test_help_and_labels_are_escaped_as_each_format_has_it() -> None:
    odd = Gauge("odd", 'A "back\\slash"\nand more', (((("service", 'a"b\\c\nd'),), 1),))

    sample = 'odd{service="a\\"b\\\\c\\nd"} 1\n'
    assert exposition.to_plain([odd]) == (
        f'# HELP odd A "back\\\\slash"\\nand more\n# TYPE odd gauge\n{sample}'
    )
    assert exposition.to_open_metrics([odd]) == (
        f'# HELP odd A \\"back\\\\slash\\"\\nand more\n# TYPE odd gauge\n{sample}# EOF\n'
    )


def test_promtool_finds_nothing_wrong(told: World, client: FlaskClient) -> None:
    system_packages.require(prometheus.why_missing())
    told_services.write("Odd", Item("Do it.", status="open"), services=('a"b\\c',))
    text = scraped(client, told).text

    checked = subprocess.run(
        ["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False
    )

    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


REFUSED: list[tuple[Callable[[World], dict[str, str]], int]] = [
    (lambda world: {}, 401),
    (lambda world: {"Authorization": "Bearer pm_wrong"}, 401),
    (lambda world: {"Authorization": "Basic YWRhOmFkYQ=="}, 401),
    (lambda world: {"Authorization": f"Bearer {world.token('ada', 'gate:read')}"}, 403),
    (lambda world: {"Authorization": f"Bearer {world.token('ada', 'write')}"}, 403),
]


@pytest.mark.parametrize("headers, status", REFUSED)
def test_who_may_not_read_it_is_told_so_and_not_led_to_sign_in(
    world: World, client: FlaskClient, headers: Callable[[World], dict[str, str]], status: int
) -> None:
    assert client.get("/metrics", headers=headers(world)).status_code == status


@pytest.mark.parametrize("scope", ["metrics", "read", "admin"])
def test_a_token_with_one_of_these_scopes_reads_it(world: World, client: FlaskClient, scope: str) -> None:
    headers = {"Authorization": f"Bearer {world.token('cy', scope)}"}

    assert client.get("/metrics", headers=headers).status_code == 200


def test_a_token_for_metrics_reads_nothing_else(world: World, client: FlaskClient) -> None:
    headers = {"Authorization": f"Bearer {world.token('ben', 'metrics')}"}

    assert client.get("/api/v1/action-items", headers=headers).status_code == 403


def test_who_is_signed_in_sees_it_in_a_browser(world: World) -> None:
    assert world.browser("cy").get("/metrics").status_code == 200


class TestAllowedAddresses:
    @pytest.fixture
    def app_settings(self) -> dict[str, Any]:
        from ipaddress import ip_network

        return {"metrics_allow": (ip_network("10.1.0.0/16"), ip_network("fd00::/8"))}

    @pytest.mark.parametrize(
        "address, status",
        [
            ("10.1.2.3", 200),
            ("::ffff:10.1.2.3", 200),
            ("fd00::7", 200),
            ("10.2.0.1", 401),
            ("::1", 401),
            ("::ffff:10.2.0.1", 401),
            ("", 401),
            ("unix:", 401),
        ],
    )
    def test_an_allowed_address_needs_no_token(self, app: Flask, address: str, status: int) -> None:
        answer = app.test_client().get("/metrics", environ_base={"REMOTE_ADDR": address})

        assert answer.status_code == status

    def test_a_proxy_that_is_not_trusted_allows_nobody(self, app: Flask) -> None:
        answer = app.test_client().get("/metrics", headers={"X-Forwarded-For": "10.1.2.3"})

        assert answer.status_code == 401
