"""The alerts are what Prometheus reads, fire when they should, and each says what to do."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from postmortems import clock
from postmortems.db import session as db
from postmortems.reports.services.exposition import to_plain
from postmortems.web.markdown import anchors
from postmortems.web.watching import metrics
from tests import prometheus, system_packages
from tests.world import World

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "prometheus"
RULES: list[dict[str, Any]] = yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"][0]["rules"]
NAMES = [rule["alert"] for rule in RULES]
# Metrics of one of the two databases alone.
OF_ONE = {"postmortems_database_wal_bytes", "postmortems_database_wal_written_bytes_total"}


def promtool(*words: str) -> subprocess.CompletedProcess[str]:
    system_packages.require(prometheus.why_missing())
    return subprocess.run(["promtool", *words], cwd=FOLDER, capture_output=True, text=True, check=False)


def test_prometheus_reads_the_rules() -> None:
    checked = promtool("check", "rules", "--lint=all", "--lint-fatal", "alerts.yml")

    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_each_alert_fires_when_it_should_and_not_otherwise() -> None:
    tested = promtool("test", "rules", "alerts_test.yml")

    assert tested.returncode == 0, tested.stdout + tested.stderr


@pytest.mark.parametrize("alert", NAMES)
def test_each_alert_is_tried_in_both_ways(alert: str) -> None:
    tests = yaml.safe_load((FOLDER / "alerts_test.yml").read_text())["tests"]
    tried = [one for test in tests for one in test["alert_rule_test"] if one["alertname"] == alert]

    assert {bool(one.get("exp_alerts")) for one in tried} == {True, False}


def test_each_alert_has_its_section_and_no_other_is_there() -> None:
    sections = re.findall(r"^## (\w+)$", (ROOT / "docs" / "runbook.md").read_text(), re.MULTILINE)

    assert sections == NAMES


def test_each_alert_leads_to_its_section(world: World) -> None:
    page = world.browser("cy").get("/help/runbook").text

    for rule in RULES:
        path, _, place = rule["annotations"]["runbook_url"].partition("#")
        assert path.endswith("/help/runbook")
        assert f'id="{place}"' in page
        assert place == anchors.anchor(rule["alert"])
        assert rule["labels"]["severity"] in {"page", "ticket"}


def test_each_metric_that_an_alert_names_is_told(any_database: str, world: World) -> None:
    with db.reading():
        text = to_plain(metrics.families(clock.now()))
    told = set(re.findall(r"^# TYPE (\w+)", text, re.MULTILINE)) | OF_ONE
    told |= {f"{name}_{part}" for name in told for part in ("bucket", "sum", "count")}

    named = {name for rule in RULES for name in re.findall(r"\bpostmortems_\w+", rule["expr"])}

    assert named <= told
    assert len(named) > 8
