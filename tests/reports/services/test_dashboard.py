"""The dashboard for Grafana asks for what `/metrics` tells, in expressions that Prometheus reads."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from postmortems.db import session as db
from postmortems.reports.services import metrics
from tests import prometheus, system_packages

FOLDER = Path(__file__).parents[3] / "data" / "grafana"
DASHBOARD: dict[str, Any] = json.loads((FOLDER / "action-items.json").read_text())
METRIC = re.compile(r"\bpostmortems_\w+")


def expressions() -> Iterator[str]:
    for panel in DASHBOARD["panels"]:
        yield from (target["expr"] for target in panel["targets"])
    for variable in DASHBOARD["templating"]["list"]:
        if variable["type"] == "query":
            yield variable["query"]["query"]


def test_each_metric_that_it_asks_for_is_told(database: str) -> None:
    with db.reading():
        told = {gauge.name for gauge in metrics.gauges(datetime(2026, 3, 2, tzinfo=UTC))}

    asked = {name for expression in expressions() for name in METRIC.findall(expression)}

    assert asked <= told
    # What it does not show is a count for those who look after the metrics themselves.
    assert told - asked == {"postmortems_services_left_out"}


def test_prometheus_reads_each_expression(tmp_path: Path) -> None:
    system_packages.require(prometheus.why_missing())
    asked = [each.replace("$service", ".*") for each in expressions() if not each.startswith("label_values")]
    rules = [{"record": f"asked:{number}", "expr": each} for number, each in enumerate(asked)]
    path = tmp_path / "rules.yaml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "asked", "rules": rules}]}))

    checked = subprocess.run(
        ["promtool", "check", "rules", str(path)], capture_output=True, text=True, check=False
    )

    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_panels_lie_beside_each_other_and_have_ids_of_their_own() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert place["x"] + place["w"] <= 24
        assert not cells & taken, panel["title"]
        taken |= cells

    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])


def test_it_is_provisioned_without_ids_of_one_grafana() -> None:
    sources = {json.dumps(panel["datasource"]) for panel in DASHBOARD["panels"]}
    sources |= {json.dumps(each["datasource"]) for panel in DASHBOARD["panels"] for each in panel["targets"]}

    assert sources == {json.dumps({"type": "prometheus", "uid": "${datasource}"})}
    assert "id" not in DASHBOARD
    assert DASHBOARD["uid"]


def test_the_provider_is_what_grafana_reads() -> None:
    read = yaml.safe_load((FOLDER / "provisioning.yaml").read_text())

    assert read["apiVersion"] == 1
    assert [provider["type"] for provider in read["providers"]] == ["file"]
