#!/usr/bin/env bash
# Guess: who owns a file by CODEOWNERS is the same for GitHub and for a library of that name: `docs/*` has no files in folders below
# docs, what stands behind ` #` on a line is a comment, and a folder with a blank in its name is written with a backslash.
# Seen, codeowners 5.1.1 and codeowners-utils 1.0.2 for Node.js: `docs/*` has docs/deep/x.md, and the folder "my docs" has the
# owner of everything. The first takes each word of a comment for an owner. codeowners 0.9.0 for Python has files as GitHub,
# and takes @ana of "# reviewed by @ana" for an owner. A fix is handed to people who do not own what broke.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'codeowners@5.1.1' 'codeowners-utils@1.0.2'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'codeowners==0.9.0'
mkdir -p repository/.github repository/.git
cat >repository/.github/CODEOWNERS <<'OWNERS'
* @example/all
docs/* @example/docs
/deploy/ @example/deploy # reviewed by @ana
/my\ docs/ @example/words
OWNERS
cat >seen.cjs <<'SCRIPT'
const { readFileSync } = require('node:fs');
const Codeowners = require('codeowners');
const { matchFile, parse } = require('codeowners-utils');

const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version;
const files = ['docs/x.md', 'docs/deep/x.md', 'deploy/hub.yaml', 'my docs/x.md'];
const found = new Codeowners('repository');
const entries = parse(readFileSync('repository/.github/CODEOWNERS', 'utf8'));
const seen = {
  codeowners: files.map((file) => found.getOwner(file).join(' ')),
  'codeowners-utils': files.map((file) => matchFile(file, entries).owners.join(' ')),
};
console.log(`of ${files.join(', ')}`);
console.log('guess: @example/docs, @example/all, @example/deploy, @example/words');
for (const [name, said] of Object.entries(seen)) console.log(`${name} ${version(name)}: ${said.join(', ')}`);
const expected = {
  codeowners: ['@example/docs', '@example/docs', '@example/deploy # reviewed by @ana', '@example/all'],
  'codeowners-utils': ['@example/docs', '@example/docs', '@example/deploy', '@example/all'],
};
if (JSON.stringify(seen) !== JSON.stringify(expected)) {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
node seen.cjs
venv/bin/python - <<'PYTHON'
from importlib.metadata import version
from pathlib import Path

from codeowners import CodeOwners

found = CodeOwners(Path("repository/.github/CODEOWNERS").read_text())
files = ["docs/x.md", "docs/deep/x.md", "deploy/hub.yaml", "my docs/x.md"]
seen = [" ".join(name for _, name in found.of(file)) for file in files]
print(f"codeowners {version('codeowners')} for Python: {', '.join(seen)}")
assert seen == ["@example/docs", "@example/all", "@example/deploy @ana", "@example/words"], "it has changed"
PYTHON
