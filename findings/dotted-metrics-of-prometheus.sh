#!/usr/bin/env bash
# What a gate or a status page reads of a service's metrics whose names have dots, as OpenTelemetry's have, and as Prometheus 3 writes them:
# quoted, and within the braces ({"http.requests",job="hub"} 5).
# Guess: a library that reads Prometheus's text gives the name, its labels and its value, or says that it does not know this form.
# Seen: prometheus-client 0.26.0 gives http.requests, job and 5. parse-prometheus-text-format 1.1.1 for Node.js puts the name into that of
# a label, and the line below a metric of the name before it, or of none, with no value, and says nothing: "no errors" of a
# service that has some. What has a plain name is read alike by both, with escaped quotes, braces and times.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'parse-prometheus-text-format@1.1.1'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'prometheus-client==0.26.0'
cat >metrics.txt <<'TEXT'
# TYPE up gauge
up{job="hub",note="a,b}c \"d\""} 1 1772465400000
# TYPE "http.requests" gauge
{"http.requests",job="hub"} 5
TEXT
cat >seen.cjs <<'SCRIPT'
const { readFileSync, writeFileSync } = require('node:fs');
const parse = require('parse-prometheus-text-format');

writeFileSync('seen.json', JSON.stringify(parse(readFileSync('metrics.txt', 'utf8'))));
SCRIPT
node seen.cjs
venv/bin/python - <<'PYTHON'
import json
from importlib.metadata import version
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

families = list(text_string_to_metric_families(Path("metrics.txt").read_text()))
python = {sample.name: (sample.labels, sample.value) for family in families for sample in family.samples}
node = json.loads(Path("seen.json").read_text())
print("guess: up with 1, http.requests with 5, of both")
print(f"prometheus-client {version('prometheus-client')}: {python}")
print(f"parse-prometheus-text-format 1.1.1: {json.dumps(node)}")
assert python["http.requests"] == ({"job": "hub"}, 5), "it has changed"
assert python["up"] == ({"job": "hub", "note": 'a,b}c "d"'}, 1), "it has changed"
metrics = [metric for family in node for metric in family["metrics"]]
assert [metric["value"] for metric in metrics if metric["labels"].get("job") == "hub" and "value" in metric] == ["1"], "it has changed"
assert not any("5" in metric.values() for metric in metrics), "it has changed"
PYTHON
