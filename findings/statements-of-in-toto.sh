#!/usr/bin/env bash
# Guess: in-toto's own library for Python reads any valid statement of its format, also one with a field that a newer version
# added (the specification has consumers ignore those), and gives a predicate back with the numbers that were in it.
# Seen, in-toto-attestation 0.9.3: it goes through Protocol Buffers. A field that it does not know is refused. Each number in a
# predicate comes back as a float: attempt 1 as 1.0, and the build 9007199254740993 as 9007199254740992.0, another build.
# Who passes provenance on through it passes on other bytes, whose digest nobody signed.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip --quiet --disable-pip-version-check install 'in-toto-attestation==0.9.3'
"$folder/venv/bin/python" - <<'PYTHON'
import json
from importlib.metadata import version

from google.protobuf import json_format
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.statement import Statement

STATEMENT = {
    "_type": "https://in-toto.io/Statement/v1",
    "subject": [{"name": "hub", "digest": {"sha256": 32 * "51"}}],
    "predicateType": "https://example.org/build/v1",
    "predicate": {"attempt": 1, "build": 9007199254740993, "by": "ci"},
}


def read(statement):
    found = Statement.copy_from_pb(json_format.ParseDict(statement, statement_pb2.Statement()))
    found.validate()
    return json_format.MessageToDict(found.pb)


print(f"in-toto-attestation {version('in-toto-attestation')}")
seen = json.dumps(read(STATEMENT)["predicate"], sort_keys=True)
print(f"guess: {json.dumps(STATEMENT['predicate'], sort_keys=True)}, with another field beside it, too")
print(f"seen:  {seen}")
assert seen == '{"attempt": 1.0, "build": 9007199254740992.0, "by": "ci"}', "it has changed"
try:
    read(STATEMENT | {"annotations": {"team": "hubs"}})
except json_format.ParseError as refusal:
    print(f"seen:  {str(refusal).partition(chr(10))[0]}")
else:
    raise SystemExit("it has changed")
PYTHON
