#!/usr/bin/env bash
# Guess: of a fix, its revert, and the revert of that, a release tool says that the fix is in, and of the first two that it is not;
# how git words it does not matter: since 2.43 it says `Reapply "fix: …"` for what was `Revert "Revert "fix: …""`.
# Seen: of the old words semantic-release (commit-analyzer 13.0.1, release-notes-generator 14.1.1) makes a release with the fix. Of
# the new ones it makes none: the fix is on main, and stays out of releases and notes. release-please 17.11.2, python-semantic-release
# 10.7.0, commitizen 4.19.3 and git-cliff 2.14.2 make a release of a fix that was reverted before it.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund '@semantic-release/commit-analyzer@13.0.1' '@semantic-release/release-notes-generator@14.1.1' \
  'release-please@17.11.2'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'python-semantic-release==10.7.0' 'commitizen==4.19.3' \
  'git-cliff==2.14.2'
cat >commits.json <<'JSON'
{
  "fix": [["1111111111111111111111111111111111111111", "fix: close the pool"]],
  "reverted": [
    ["2222222222222222222222222222222222222222", "Revert \"fix: close the pool\"\n\nThis reverts commit 1111111111111111111111111111111111111111."],
    ["1111111111111111111111111111111111111111", "fix: close the pool"]
  ],
  "in again, old words": [
    ["3333333333333333333333333333333333333333", "Revert \"Revert \"fix: close the pool\"\"\n\nThis reverts commit 2222222222222222222222222222222222222222."],
    ["2222222222222222222222222222222222222222", "Revert \"fix: close the pool\"\n\nThis reverts commit 1111111111111111111111111111111111111111."],
    ["1111111111111111111111111111111111111111", "fix: close the pool"]
  ],
  "in again, new words": [
    ["3333333333333333333333333333333333333333", "Reapply \"fix: close the pool\"\n\nThis reverts commit 2222222222222222222222222222222222222222."],
    ["2222222222222222222222222222222222222222", "Revert \"fix: close the pool\"\n\nThis reverts commit 1111111111111111111111111111111111111111."],
    ["1111111111111111111111111111111111111111", "fix: close the pool"]
  ]
}
JSON
cat >seen.mjs <<'SCRIPT'
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { analyzeCommits } from '@semantic-release/commit-analyzer';
import { generateNotes } from '@semantic-release/release-notes-generator';

const require = createRequire(import.meta.url);
const { parseConventionalCommits } = require('release-please/build/src/commit');
const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version;
const silent = { log() {}, error() {}, warn() {}, info() {}, debug() {}, trace() {} };
const seen = [];
for (const [name, commits] of Object.entries(JSON.parse(readFileSync('commits.json')))) {
  const context = {
    commits: commits.map(([hash, message]) => ({ hash, message, commit: { long: hash, short: hash.slice(0, 7) } })),
    cwd: process.cwd(),
    logger: silent,
    options: { repositoryUrl: 'https://git.example.org/hub/hub.git' },
    lastRelease: { gitTag: 'v1.0.0', version: '1.0.0' },
    nextRelease: { gitTag: 'v1.0.1', version: '1.0.1' },
  };
  const release = await analyzeCommits({}, context);
  const notes = (await generateNotes({}, context)).includes('close the pool');
  const please = parseConventionalCommits(commits.map(([sha, message]) => ({ sha, message })), silent).map((each) => each.type);
  seen.push(`${name}: ${release}, ${notes ? 'told' : 'not told'} | ${please}`);
}
const versions = ['@semantic-release/commit-analyzer', '@semantic-release/release-notes-generator', 'release-please'];
console.log(versions.map((name) => `${name} ${version(name)}`).join(', '));
console.log('guess: patch, told | null, not told | patch, told | patch, told');
seen.forEach((line) => console.log(line));
const expected = [
  'fix: patch, told | fix',
  'reverted: null, not told | fix',
  'in again, old words: patch, told | fix',
  'in again, new words: null, not told | fix',
];
if (seen.join() !== expected.join()) {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
node seen.mjs
mkdir repository
cd repository
git init --quiet --initial-branch main .
git config user.name Ana
git config user.email ana@example.org
git remote add origin https://git.example.org/hub/hub.git
cat >pyproject.toml <<'TOML'
[tool.semantic_release]
tag_format = "v{version}"
[tool.commitizen]
name = "cz_conventional_commits"
version = "1.0.0"
tag_format = "v$version"
TOML
git add pyproject.toml
git commit --quiet --message 'feat: begin'
git tag v1.0.0
git commit --quiet --allow-empty --message 'fix: close the pool'
git commit --quiet --allow-empty --message 'Revert "fix: close the pool"' --message "This reverts commit $(git rev-parse HEAD)."
released=$(../venv/bin/semantic-release --noop version --print 2>/dev/null)
bumped=$(../venv/bin/cz bump --get-next)
cliff=$(../venv/bin/git-cliff --bumped-version 2>/dev/null)
echo "of a fix and its revert python-semantic-release makes $released, commitizen $bumped, git-cliff $cliff"
[ "$released $bumped $cliff" = "1.0.1 1.0.1 v1.0.1" ] || { echo "it has changed" >&2; exit 1; }
