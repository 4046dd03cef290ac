#!/usr/bin/env bash
# Guess: an event that the CloudEvents library of one language sends in HTTP headers ("binary") is the same event for that of
# another: both write what is no plain letter as %XX and read it back (§3.1.3.2 of the binding), and both parse JSON.
# Seen: cloudevents 2.2.0 for Python writes and reads %XX; 10.0.0 for Node.js does neither. The subject "AI-3 für Köln" of a
# Python service is "AI-3%20f%C3%BCr%20K%C3%B6ln" in a Node.js one, and one that says "100%25" in letters is "100%" in Python.
# Data under a name of one's own, application/vnd.deploy+json, is an object in Python, and text for Node.js.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'cloudevents==2.2.0'
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'cloudevents@10.0.0'
cat >send.py <<'SCRIPT'
import json

from cloudevents.core.bindings.http import to_binary_event
from cloudevents.core.v1.event import CloudEvent

event = CloudEvent(
    attributes={
        "id": "1", "source": "/deploys", "type": "deploy.blocked", "specversion": "1.0",
        "subject": "AI-3 für Köln", "datacontenttype": "application/vnd.deploy+json",
    },
    data={"target": "prod"},
)  # fmt: skip
message = to_binary_event(event)
with open("sent.json", "w") as file:
    json.dump({"headers": message.headers, "body": message.body.decode()}, file)
SCRIPT
cat >seen.cjs <<'SCRIPT'
const { readFileSync, writeFileSync } = require('node:fs');
const { CloudEvent, HTTP } = require('cloudevents');

const { version } = JSON.parse(readFileSync('node_modules/cloudevents/package.json'));
const { subject, data } = HTTP.toEvent(JSON.parse(readFileSync('sent.json')));
console.log(`cloudevents ${version} (npm), seen: ${JSON.stringify(subject)}, and data as ${typeof data}`);
const back = new CloudEvent({ id: '2', source: '/deploys', type: 'deploy.blocked', subject: 'say 100%25', data: {} });
writeFileSync('answered.json', JSON.stringify(HTTP.binary(back)));
if (subject !== 'AI-3%20f%C3%BCr%20K%C3%B6ln' || typeof data !== 'string') {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
cat >seen.py <<'SCRIPT'
import json
from importlib.metadata import version

from cloudevents.core.bindings.http import HTTPMessage, from_http_event


def read(path):
    with open(path) as file:
        message = json.load(file)
    event = from_http_event(HTTPMessage(message["headers"], message["body"].encode()))
    return event.get_attributes()["subject"], event.get_data()


own, answered = read("sent.json"), read("answered.json")[0]
print(f"cloudevents {version('cloudevents')} (Python), seen: of its own {own}, of Node.js's {answered!r}")
assert (own, answered) == (("AI-3 für Köln", {"target": "prod"}), "say 100%"), "it has changed"
SCRIPT
venv/bin/python send.py
echo 'guess: "AI-3 für Köln" and an object in both; "say 100%25" in both'
node seen.cjs
venv/bin/python seen.py
