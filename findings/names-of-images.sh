#!/usr/bin/env bash
# Guess: the name of an image falls into registry, path, tag and digest in one way, whichever library parts it, so that who
# compares what was deployed with what was tested compares the same.
# Seen: docker-parse-image 3.0.1 takes a tag with a digest behind it, and a digest alone, for the tag, gives no answer at all
# for a path of three parts (ghcr.io/acme/team/hub:v1), and takes the registry "localhost" for an account of Docker Hub.
# parse-docker-image-name 3.0.0 and docker-image-py 0.2.0 part them as Docker does.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'docker-image-py==0.2.0'
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'docker-parse-image@3.0.1' 'parse-docker-image-name@3.0.0'
cat >names.py <<'SCRIPT'
import json

DIGEST = "sha256:" + 64 * "5"
NAMES = [f"localhost:5000/hub:1.2@{DIGEST}", f"hub@{DIGEST}", "ghcr.io/acme/team/hub:v1", "localhost/hub:v1"]
if __name__ == "__main__":
    with open("names.json", "w") as file:
        json.dump(NAMES, file)
SCRIPT
cat >seen.py <<'SCRIPT'
from importlib.metadata import version

from docker_image.reference import Reference
from names import DIGEST, NAMES

seen = []
for name in NAMES:
    parts = Reference.parse(name)
    host, path = parts.split_hostname()
    seen.append((host, path, parts["tag"], parts["digest"]))
    print(f"docker-image-py {version('docker-image-py')}: {seen[-1]}")
assert seen == [
    ("localhost:5000", "hub", "1.2", DIGEST),
    (None, "hub", None, DIGEST),
    ("ghcr.io", "acme/team/hub", "v1", None),
    ("localhost", "hub", "v1", None),
], "it has changed"
SCRIPT
cat >seen.mjs <<'SCRIPT'
import { readFileSync } from 'node:fs';
import one from 'docker-parse-image';
import * as other from 'parse-docker-image-name';

const names = JSON.parse(readFileSync('names.json', 'utf8'));
const digest = `sha256:${'5'.repeat(64)}`;
const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version;
const parts = other.parseDockerImageName ?? other.default;
const seen = {
  'docker-parse-image': names.map((name) => {
    const found = one(name);
    return found && [found.registry, found.namespace, found.repository, found.tag];
  }),
  'parse-docker-image-name': names.map((name) => {
    const { domain = null, path, tag = null, digest: hash = null } = parts(name);
    return [domain, path, tag, hash];
  }),
};
const expected = {
  'docker-parse-image': [
    ['localhost:5000', null, 'hub', `1.2@${digest}`],
    [null, null, 'hub', digest],
    null,
    [null, 'localhost', 'hub', 'v1'],
  ],
  'parse-docker-image-name': [
    ['localhost:5000', 'hub', '1.2', digest],
    [null, 'hub', null, digest],
    ['ghcr.io', 'acme/team/hub', 'v1', null],
    ['localhost', 'hub', 'v1', null],
  ],
};
for (const [name, found] of Object.entries(seen)) console.log(`${name} ${version(name)}: ${JSON.stringify(found)}`);
if (JSON.stringify(seen) !== JSON.stringify(expected)) {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
venv/bin/python names.py
echo 'guess: the same parts from all three'
venv/bin/python seen.py
node seen.mjs
