#!/usr/bin/env bash
# How long a window of maintenance is that stands in a configuration of TOML as two local times (2026-03-02T15:45:00, no zone), when a
# service of Node.js takes one from the other, as one does with dates in JavaScript; and whether 15:45 needs its seconds.
# Guess: half an hour, from each of the libraries that give a kind of Date; and as TOML 1.1 lets seconds be left out, what is current
# reads 2026-03-02T15:45, or says that it knows TOML 1.0 alone.
# Seen: smol-toml 1.9.1, js-toml 2.0.1 and @iarna/toml 3.0.0 say 30 minutes. Of @ltd/j-toml 1.38.0, local times are the number of their
# digits, so that from 15:45 to 16:15 are 7000 milliseconds: a window of seven seconds, and a freeze that is over at once. Times
# without seconds are read by smol-toml, js-toml and tomli 2.5.0, and refused by the other two and by Python 3.11 as no TOML at all.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'smol-toml@1.9.1' 'js-toml@2.0.1' '@iarna/toml@3.0.0' '@ltd/j-toml@1.38.0'
cat >seen.mjs <<'SCRIPT'
import assert from 'node:assert';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const readers = {
  'smol-toml': (text) => require('smol-toml').parse(text),
  'js-toml': (text) => require('js-toml').load(text),
  '@iarna/toml': (text) => require('@iarna/toml').parse(text),
  '@ltd/j-toml': (text) => require('@ltd/j-toml').parse(text, 1.0, '\n'),
};
const seen = {};
for (const [name, read] of Object.entries(readers)) {
  const { from, until } = read('from = 2026-03-02T15:45:00\nuntil = 2026-03-02T16:15:00\n');
  let short = 'read';
  try {
    read('from = 2026-03-02T15:45\n');
  } catch {
    short = 'refused';
  }
  seen[name] = [Number(until) - Number(from), short];
}
console.log('guess: 1800000 milliseconds, from each');
console.log(seen);
assert.deepEqual(seen, {
  'smol-toml': [1800000, 'read'],
  'js-toml': [1800000, 'read'],
  '@iarna/toml': [1800000, 'refused'],
  '@ltd/j-toml': [7000, 'refused'],
});
SCRIPT
node seen.mjs
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'tomli==2.5.0'
venv/bin/python - <<'PYTHON'
import sys
import tomllib
from importlib.metadata import version

import tomli

text = "from = 2026-03-02T15:45\n"
print(f"tomli {version('tomli')}: {tomli.loads(text)}")
if sys.version_info < (3, 15):
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        print(f"tomllib of Python {sys.version_info.major}.{sys.version_info.minor}: {error}")
    else:
        raise AssertionError("it has changed")
PYTHON
