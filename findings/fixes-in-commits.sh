#!/usr/bin/env bash
# Guess: what a commit closes is the same for two parsers of such messages: on GitHub, "Fixes #1, #2 and #3" closes the first, as
# each needs a word before it, and the address of an issue is as good as its number.
# Seen: issue-parser 7.0.2 closes the first and mentions the others. conventional-commits-parser 7.1.4 says "Fixes" of all three;
# of "closes" with an address it sees nothing, and GH-45 is no reference. Release notes say that items are fixed which are open.
# Both take "This does not fix #9" for a fix, as GitHub does.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'issue-parser@7.0.2' 'conventional-commits-parser@7.1.4'
cat >seen.mjs <<'SCRIPT'
import { readFileSync } from 'node:fs';
import { CommitParser } from 'conventional-commits-parser';
import issueParser from 'issue-parser';

const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version;
const said = [
  'Fixes #1, #2 and #3',
  'closes https://github.com/example/hub/issues/7',
  'closes GH-45',
  'This does not fix #9',
];
const [forGitHub, forCommits] = [issueParser('github'), new CommitParser()];
const seen = {
  'issue-parser': said.map((words) => forGitHub(`fix: stop\n\n${words}`).actions.close.map((each) => each.issue)),
  'conventional-commits-parser': said.map((words) =>
    forCommits.parse(`fix: stop\n\n${words}`).references.filter((each) => each.action).map((each) => each.issue),
  ),
};
console.log(said.join(' | '));
console.log('guess: 1 | 7 | 45 | 9');
for (const [name, numbers] of Object.entries(seen))
  console.log(`${name} ${version(name)}: ${numbers.map((each) => each.join(' ') || 'none').join(' | ')}`);
const expected = '{"issue-parser":[["1"],["7"],["45"],["9"]],"conventional-commits-parser":[["1","2","3"],[],[],["9"]]}';
if (JSON.stringify(seen) !== expected) {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
node seen.mjs
