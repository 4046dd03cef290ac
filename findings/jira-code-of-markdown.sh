#!/usr/bin/env bash
# Guess: jira2md, which turns Jira's markup into Markdown, leaves what stands in {code} and {{…}}, and addresses, as they are.
# Seen, jira2md 3.0.1: a single star becomes two everywhere, so `rm a*b*c` arrives as `rm a**b**c`, another command; and two
# underscores become stars, in an address too, which then leads nowhere. jira2markdown 0.5.3 and pandoc 3.9 leave
# all of it; pandoc takes an escaped bar in a table (`a \| b`) for the end of a cell. What was typed in the outage is told wrongly.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'jira2markdown==0.5.3' 'pypandoc_binary==1.17'
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'jira2md@3.0.1'
cat >issue.txt <<'JIRA'
{code:bash}
rm a*b*c
{code}

See [the page|https://example.org/a_b_c].

||When||What||
|01:30|a \| b|
JIRA
cat >seen.py <<'SCRIPT'
from importlib.metadata import version

import pypandoc
from jira2markdown import convert

with open("issue.txt") as file:
    text = file.read()
made = {"jira2markdown": convert(text), "pandoc": pypandoc.convert_text(text, "gfm", format="jira")}
print("jira2markdown", version("jira2markdown"), made["jira2markdown"])
print("pandoc", pypandoc.get_pandoc_version(), made["pandoc"])
assert all("rm a*b*c\n" in text and "/a_b_c)" in text for text in made.values()), "it has changed"
assert "a \\| b" in made["jira2markdown"], "it has changed"
assert "a \\| b" not in made["pandoc"] and len(made["pandoc"].splitlines()[-1].split("|")) == 5, "it has changed"
SCRIPT
cat >seen.cjs <<'SCRIPT'
const { readFileSync } = require('node:fs');
const { to_markdown: toMarkdown } = require('jira2md');

const seen = toMarkdown(readFileSync('issue.txt', 'utf8'));
console.log('jira2md', require('jira2md/package.json').version, seen);
if (!seen.includes('rm a**b**c') || !seen.includes('/a*b*c)')) {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
echo 'guess: rm a*b*c, https://example.org/a_b_c and a \| b in all'
venv/bin/python seen.py
node seen.cjs
