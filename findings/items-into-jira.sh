#!/usr/bin/env bash
# Guess: what a converter makes of a report's action items for Jira's API is a document by the schema that Atlassian publishes,
# also where an item has its owner in a list below it, as reports on GitHub have, and where items stand in a quote.
# Seen: marklassian 1.2.1 puts that list into the task, and tasks into a quote; by the schema of @atlaskit/adf-schema 57.7.22
# neither is a document, and a task without a list is one. md-to-adf 0.6.4 makes a document of each, but leaves boxes in letters
# and puts a table below a list into the last item, as words with bars.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'marklassian@1.2.1' 'md-to-adf@0.6.4' 'ajv@8.17.1' 'ajv-draft-04@1.0.0'
npm pack --silent '@atlaskit/adf-schema@57.7.22' >/dev/null
tar --extract --file atlaskit-adf-schema-57.7.22.tgz package/dist/json-schema/v1/full.json
cat >seen.mjs <<'SCRIPT'
import { readFileSync } from 'node:fs';
import Ajv from 'ajv-draft-04';
import { markdownToAdf } from 'marklassian';
import mdToAdf from 'md-to-adf';

const schema = JSON.parse(readFileSync('package/dist/json-schema/v1/full.json', 'utf8'));
const isDocument = new (Ajv.default ?? Ajv)({ strict: false }).compile(schema);
const reports = {
  'an item': '- [ ] Alert\n',
  'an owner below it': '- [ ] Alert\n  - Owner: ada\n',
  'a quote': '> - [ ] Alert\n',
  'a table behind it': '- [ ] Alert\n\n| Who | When |\n|---|---|\n| ada | soon |\n',
};
const read = { marklassian: markdownToAdf, 'md-to-adf': (text) => JSON.parse(JSON.stringify(mdToAdf(text))) };
const kinds = (text) => ['taskItem', 'table'].filter((kind) => text.includes(`"${kind}"`)).join(' and ') || 'neither tasks nor tables';
const seen = {};
for (const [name, convert] of Object.entries(read)) {
  const { version } = JSON.parse(readFileSync(`node_modules/${name}/package.json`));
  for (const [kind, text] of Object.entries(reports)) {
    const made = convert(text);
    const said = `${isDocument(made) ? 'a document' : 'no document'} with ${kinds(JSON.stringify(made))}`;
    console.log(`${name} ${version}, ${kind}: ${said}`);
    (seen[name] ??= []).push(said);
  }
}
const lost = 'a document with neither tasks nor tables';
const expected = {
  marklassian: [
    'a document with taskItem',
    'no document with taskItem',
    'no document with taskItem',
    'a document with taskItem and table',
  ],
  'md-to-adf': [lost, lost, lost, lost],
};
if (JSON.stringify(seen) !== JSON.stringify(expected)) {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
echo 'guess: documents with a task in each, and the table in the last'
node seen.mjs
