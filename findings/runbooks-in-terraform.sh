#!/usr/bin/env bash
# Guess: an alert's runbook, and the layer of a rota, in a file of Terraform are read by a library of HCL as Terraform has them: a string
# is its words, a text of lines (<<-EOT) stands without its indent, `$${NS}` is the shell's ${NS} and no reference; and what is a
# reference (a user's id, ${var.hub}) is told from words, as Terraform's own JSON has it with ${…}.
# Seen: pygohcl 1.2.9 says "roll back var.hub" of "roll back ${var.hub}", and takes a user's reference for a word. hcl2-parser 1.0.3 for
# Node.js writes ${NS} beside ${var.hub}, so that what is made of it looks for a reference by the name of NS. @cdktf/hcl2json 0.21.0 and
# python-hcl2 8.1.4, told to take strings out of their quotes, keep them apart.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'hcl2-parser@1.0.3' '@cdktf/hcl2json@0.21.0'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'python-hcl2==8.1.4' 'pygohcl==1.2.9'
cat >rota.tf <<'TERRAFORM'
resource "schedule" "hub" {
  zone    = "Europe/Berlin"
  users   = [user.ana.id]
  note    = "roll back ${var.hub}"
  runbook = <<-EOT
    kubectl -n $${NS} rollout undo
      deployment/hub
  EOT
}
TERRAFORM
venv/bin/python - <<'PYTHON'
from importlib.metadata import version
from pathlib import Path

import hcl2
import pygohcl

text = Path("rota.tf").read_text()
bare = hcl2.SerializationOptions(strip_string_quotes=True, preserve_heredocs=False)
by_hcl2 = hcl2.loads(text, serialization_options=bare)["resource"][0]["schedule"]["hub"]
by_go = pygohcl.loads(text)["resource"]["schedule"]["hub"]
print("guess: Europe/Berlin; ${user.ana.id}; roll back ${var.hub}; kubectl -n $${NS} rollout undo, and a line with its indent of two")
for name, read in (("python-hcl2", by_hcl2), ("pygohcl", by_go)):
    print(f"{name} {version(name)}: {[read[key] for key in ('zone', 'users', 'note', 'runbook')]}")
assert by_hcl2["zone"] == "Europe/Berlin" and by_hcl2["users"] == ["${user.ana.id}"], "it has changed"
assert by_go["zone"] == "Europe/Berlin" and by_go["users"] == ["user.ana.id"], "it has changed"
assert by_go["note"] == "roll back var.hub", "it has changed"
assert by_go["runbook"] == "kubectl -n ${NS} rollout undo\n  deployment/hub\n", "it has changed"
PYTHON
cat >seen.cjs <<'SCRIPT'
const { readFileSync } = require('node:fs');
const { parse } = require('@cdktf/hcl2json');
const { parseToObject } = require('hcl2-parser');

const facts = ({ resource: { schedule: { hub: [{ zone, users, note, runbook }] } } }) => JSON.stringify([zone, users[0], note, runbook]);
(async () => {
  const text = readFileSync('rota.tf', 'utf8');
  const seen = { 'hcl2-parser': facts(parseToObject(text)[0]), '@cdktf/hcl2json': facts(await parse('rota.tf', text)) };
  for (const [name, each] of Object.entries(seen)) {
    console.log(`${name} ${JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version}: ${each}`);
  }
  const expected = (command) =>
    JSON.stringify(['Europe/Berlin', '${user.ana.id}', 'roll back ${var.hub}', `${command} rollout undo\n  deployment/hub\n`]);
  const same = seen['hcl2-parser'] === expected('kubectl -n ${NS}') && seen['@cdktf/hcl2json'] === expected('kubectl -n $${NS}');
  if (!same) {
    console.error('it has changed');
  }
  process.exit(same ? 0 : 1);
})();
SCRIPT
node seen.cjs
