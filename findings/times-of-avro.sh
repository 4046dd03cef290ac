#!/usr/bin/env bash
# Guess: a time without a zone that is written as Avro's timestamp-millis, which is an instant, is taken for UTC or refused, whichever
# of the two libraries for Python writes it, and wherever it runs.
# Seen: avro 1.12.2 refuses it. fastavro 1.13.1 takes it for a time of the machine's zone: an alert at 15:30 is 23:30 in UTC when a
# machine in Los Angeles writes it. What it reads always has a zone, so that nobody sees it.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip --quiet --disable-pip-version-check install 'avro==1.12.2' 'fastavro==1.13.1'
TZ=America/Los_Angeles "$folder/venv/bin/python" - <<'PYTHON'
import io
import json
from datetime import datetime
from importlib.metadata import version

import avro.errors
import avro.io
import avro.schema
import fastavro

alert = {"at": datetime(2026, 3, 2, 15, 30)}
at = {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}}
schema = {"type": "record", "name": "alert", "fields": [at]}
written = io.BytesIO()
fastavro.schemaless_writer(written, schema, alert)
written.seek(0)
read = fastavro.schemaless_reader(written, schema)["at"]
try:
    encoder = avro.io.BinaryEncoder(io.BytesIO())
    avro.io.DatumWriter(avro.schema.parse(json.dumps(schema))).write(alert, encoder)
    is_refused = False
except avro.errors.AvroTypeException:
    is_refused = True
print("guess: 2026-03-02T15:30:00+00:00 or refused, by both")
print(f"fastavro {version('fastavro')}: {read.isoformat()}; avro {version('avro')}: {'refused' if is_refused else 'written'}")
assert read.isoformat() == "2026-03-02T23:30:00+00:00" and is_refused, "it has changed"
PYTHON
