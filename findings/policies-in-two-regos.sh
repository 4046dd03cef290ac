#!/usr/bin/env bash
# Guess: a deploy policy in Rego says the same in the interpreters that a service of Python can hold: an error rate that is text ("0.5")
# or null is not below 0.01, or is so in both, as Open Policy Agent orders values of all types (null, false, true, numbers, text).
# A freeze reads "2026-03-02T15:30:00Z" and +01:00 alike.
# Seen: regopy 1.5.2 (rego-cpp) compares values of two types by their letters, so that "0.5" is below 0.01, and null is not;
# regorus (gordon-to-regorus 0.13.0) orders by type: null is below 0.01, a canary that nobody measured, and "0.5" is not. For regopy
# time.parse_rfc3339_ns of a time with Z is undefined, so that no rule about it holds, and of +01:00 right. 1.0.0+2 is newer than
# 1.0.0+1 for it. `sort` differs likewise.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip --quiet --disable-pip-version-check install 'regopy==1.5.2' 'gordon-to-regorus==0.13.0'
"$folder/venv/bin/python" - <<'PYTHON'
import json
from importlib.metadata import version

import regopy
import regorus

# What is asked, and what is seen: of regorus, and of regopy.
ASKED = {
    '"0.5" < 0.01': (False, True),
    "null < 0.01": (True, None),
    'sort([3, null, "a"])': ([None, 3, "a"], ["a", 3, None]),
    'time.parse_rfc3339_ns("2026-03-02T15:30:00Z")': (1772465400000000000, None),
    'time.parse_rfc3339_ns("2026-03-02T15:30:00+01:00")': (1772461800000000000, 1772461800000000000),
    'semver.compare("1.0.0+2", "1.0.0+1")': (0, 1),
}


def by_regorus(policy: str) -> object:
    engine = regorus.Engine()
    engine.add_policy("deploy.rego", policy)
    return engine.eval_rule("data.deploy.answer")


def by_regopy(policy: str) -> object:
    interpreter = regopy.Interpreter()
    interpreter.add_module("deploy", policy)
    answer = str(interpreter.query("data.deploy.answer"))
    return None if answer == "undefined" else json.loads(answer)["expressions"][0]


print("guess: both say the same")
seen = {}
for expression in ASKED:
    policy = f"package deploy\n\nimport rego.v1\n\nanswer := value if {{ value := {expression} }}\n"
    seen[expression] = by_regorus(policy), by_regopy(policy)
    print(f"{expression}: gordon-to-regorus {version('gordon-to-regorus')} {seen[expression][0]}, "
          f"regopy {version('regopy')} {seen[expression][1]}")
assert seen == ASKED, "it has changed"
PYTHON
