#!/usr/bin/env bash
# What a search for action items in Lucene's syntax finds, by the library that reads the query: such a query is shared as a link, kept
# as a view ("overdue, Ana's or Ben's"), and read by the server and by the page.
# Guess: "owner:ana OR owner:ben AND state:open" is the same in each library, AND binding closer than OR, and as a day may be compared
# (`due:<2026-03-02`), the filter of a library that reads this compares days.
# Seen, of three libraries three trees: luqum 1.0.0 binds AND closer. liqe 3.8.7 takes what stands first together, so that Ana's closed
# items are left out; lucene 2.1.1 what stands last, so that of "state:open AND owner:ana OR owner:ben" Ben's closed ones are left out.
# liqe reads a day behind `<` and then refuses to filter by it: "Expected a number".
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'lucene@2.1.1' 'liqe@3.8.7'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'luqum==1.0.0'
cat >seen.cjs <<'SCRIPT'
const assert = require('node:assert');
const lucene = require('lucene');
const liqe = require('liqe');

const items = ['ana', 'ben'].flatMap((owner) => ['open', 'closed'].map((state) => ({ owner, state, due: '2026-03-01' })));
const holds = (node, item) => {
  if (node.term !== undefined) return item[node.field] === node.term;
  const left = holds(node.left, item);
  return node.operator === 'AND' ? left && holds(node.right, item) : left || holds(node.right, item);
};
const names = (found) => found.map((item) => `${item.owner} ${item.state}`).join(', ');
const byLucene = (query) => names(items.filter((item) => holds(lucene.parse(query), item)));
const byLiqe = (query) => names(liqe.filter(liqe.parse(query), items));

const first = 'owner:ana OR owner:ben AND state:open';
const second = 'state:open AND owner:ana OR owner:ben';
console.log(`guess: ${first}: ana open, ana closed, ben open; ${second}: ana open, ben open, ben closed`);
console.log(`lucene ${require('lucene/package.json').version}: ${byLucene(first)}; ${byLucene(second)}`);
console.log(`liqe ${require('./node_modules/liqe/package.json').version}: ${byLiqe(first)}; ${byLiqe(second)}`);
assert.equal(byLucene(first), 'ana open, ana closed, ben open');
assert.equal(byLucene(second), 'ana open, ben open');
assert.equal(byLiqe(first), 'ana open, ben open');
assert.equal(byLiqe(second), 'ana open, ben open, ben closed');
assert.throws(() => byLiqe('due:<2026-03-02'), /Expected a number/);
SCRIPT
node seen.cjs
venv/bin/python - <<'PYTHON'
from importlib.metadata import version

from luqum.parser import parser

first = parser.parse("owner:ana OR owner:ben AND state:open")
second = parser.parse("state:open AND owner:ana OR owner:ben")
print(f"luqum {version('luqum')}: {first!r}; {second!r}")
for tree, deeper in ((first, 1), (second, 0)):
    assert type(tree).__name__ == "OrOperation", "it has changed"
    assert type(tree.children[deeper]).__name__ == "AndOperation", "it has changed"
PYTHON
