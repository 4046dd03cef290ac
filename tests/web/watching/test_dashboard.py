"""The dashboard for operators asks for what `/metrics` tells, in expressions that Prometheus reads."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import yaml

from postmortems import clock
from postmortems.db import session as db
from postmortems.reports.services import metrics as reported
from postmortems.reports.services.exposition import to_plain
from postmortems.web.watching import metrics
from tests import prometheus, system_packages

FILE = Path(__file__).parents[3] / "data" / "grafana" / "service.json"
DASHBOARD: dict[str, Any] = json.loads(FILE.read_text())
EXPRESSIONS = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
OF_POSTGRESQL = {"postmortems_database_wal_written_bytes_total"}


def test_it_shows_each_metric_of_the_service_and_no_other(database: str) -> None:
    with db.reading():
        text = to_plain(metrics.families(clock.now()))
        elsewhere = {gauge.name for gauge in reported.gauges(clock.now())}
    told = (set(re.findall(r"^# TYPE (\w+)", text, re.MULTILINE)) | OF_POSTGRESQL) - elsewhere

    asked = {
        re.sub("_(bucket|sum|count)$", "", name)
        for expression in EXPRESSIONS
        for name in re.findall(r"\bpostmortems_\w+", expression)
    }

    assert asked == told


def test_prometheus_reads_each_expression(tmp_path: Path) -> None:
    system_packages.require(prometheus.why_missing())
    asked = [each.replace("$__rate_interval", "5m") for each in EXPRESSIONS]
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
        across, down = (range(place[at], place[at] + place[size]) for at, size in (("x", "w"), ("y", "h")))
        cells = {(x, y) for x in across for y in down}
        assert across.stop <= 24
        assert not cells & taken, panel["title"]
        taken |= cells

    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])


def test_it_names_no_data_source_of_one_grafana() -> None:
    sources = {json.dumps(panel["datasource"]) for panel in DASHBOARD["panels"]}
    sources |= {json.dumps(each["datasource"]) for panel in DASHBOARD["panels"] for each in panel["targets"]}

    assert sources == {json.dumps({"type": "prometheus", "uid": "${datasource}"})}
    assert "id" not in DASHBOARD
