#!/usr/bin/env bash
# Guess: two libraries that make Prometheus alerts by the same book page a service with a weekly objective of 99.9 % at the same rate: 2 %
# of the budget in an hour is 14.4 times the even rate in a month, and 3.36 times in a week. A gate on the budget does not call a
# service healthy that has no requests, which is what a hub that is down has.
# Seen: slo-guard 0.2.0 pages at 3.36. slokit-sre 1.0.1 pages at 14.4 whatever the window: 8.6 % of the week's budget is gone, and its
# ticket at 3 over a day comes at 43 % where its table says 10 %. Its gate passes with no requests, "error budget healthy: 100.0%
# remaining".
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip --quiet --disable-pip-version-check install 'slokit-sre==1.0.1' 'slo-guard==0.2.0'
"$folder/venv/bin/python" - <<'PYTHON'
import re
from importlib.metadata import version

from slo_guard import SLO, build_alert_group
from slo_kit.alerts.prometheus_rules import generate_rules_yaml
from slo_kit.gate import evaluate_gate
from slo_kit.spec import load_spec_dict


class NoRequests:
    def scalar(self, query: str) -> float:
        return 0.0


by_kit = load_spec_dict({
    "apiVersion": "slo-kit/v1",
    "name": "hub",
    "service": "hub",
    "objective": 0.999,
    "window": "7d",
    "sli": {
        "good_query": 'sum(rate(http_requests_total{job="hub",code!~"5.."}[{window}]))',
        "total_query": 'sum(rate(http_requests_total{job="hub"}[{window}]))',
    },
})
group = build_alert_group(SLO("hub", 0.999, 7), 'http_requests_total{job="hub",code=~"5.."}', 'http_requests_total{job="hub"}')
rules = {
    f"slokit-sre {version('slokit-sre')}": generate_rules_yaml(by_kit),
    f"slo-guard {version('slo-guard')}": group["groups"][0]["rules"][0]["expr"],
}
pages = {name: float(re.search(r"> ([\d.]+)", text)[1]) for name, text in rules.items()}
print("guess: both page at 0.336 % of errors in an hour; no requests are no healthy service")
for name, share in pages.items():
    print(f"{name}: pages at {share:.3%}, {share / 0.001 / 168:.1%} of the week's budget in that hour")
decision = evaluate_gate(by_kit, NoRequests(), block_on_firing=True)
print(f"slokit-sre, no requests: passed {decision.passed}, {decision.reason}")
assert list(pages.values()) == [0.0144, 0.00336] and decision.passed, "it has changed"
PYTHON
