#!/usr/bin/env bash
# Guess: traces that OpenTelemetry sends as JSON are read by Protocol Buffers' own JSON, as they are messages of it; and if an
# id, which is hexadecimal in OTLP and base64 for Protocol Buffers, does not fit, it is refused.
# Seen, opentelemetry-proto 1.45.2 with protobuf 7.36.2: it is taken, as hexadecimal is base64, too: an id of 24 bytes where
# one has 16. Written as JSON again it looks right, letter for letter; sent on in binary it is a trace that nobody finds, and
# a link to it in a report leads nowhere. The kind of a span, a number in OTLP, becomes a word.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip --quiet --disable-pip-version-check install 'opentelemetry-proto==1.45.2' 'protobuf==7.36.2'
"$folder/venv/bin/python" - <<'PYTHON'
from importlib.metadata import version

from google.protobuf import json_format
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

SPAN = {"traceId": "5b8efff798038103d269b633813fc60c", "spanId": "eee19b7ec3c1b174", "name": "deploy", "kind": 2}
TRACES = {"resourceSpans": [{"scopeSpans": [{"spans": [SPAN]}]}]}

found = json_format.ParseDict(TRACES, TracesData())
read = found.resource_spans[0].scope_spans[0].spans[0].trace_id
written = json_format.MessageToDict(found)["resourceSpans"][0]["scopeSpans"][0]["spans"][0]
print(f"opentelemetry-proto {version('opentelemetry-proto')}, protobuf {version('protobuf')}")
print(f"guess: {SPAN['traceId']}, or refused")
print(f"seen:  {read.hex()}, of {len(read)} bytes; written again as {written['traceId']}, {written['kind']}")
assert len(read) == 24 and written == SPAN | {"kind": "SPAN_KIND_SERVER"}, "it has changed"
PYTHON
