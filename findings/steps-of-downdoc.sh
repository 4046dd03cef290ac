#!/usr/bin/env bash
# What stays of a report in AsciiDoc when downdoc, AsciiDoc's own converter to Markdown, makes GitHub's Markdown of it.
# Guess: what Asciidoctor shows is what the Markdown shows: an item ticked with `[*]` is ticked as one with `[x]`, as both are one in
# AsciiDoc; steps that begin at 4 (`[start=4]`) are 4 and 5, which Markdown has as well; and a cell of a table that holds an escaped bar
# (`a\|b`, a command) is whole.
# Seen, downdoc 1.1.0-stable beside @asciidoctor/core 4.1.0: `[*]` stays as it is, so that GitHub shows no box, and a reader of items no
# state. Steps begin at 1 again, so that "go back to step 4" leads nowhere; the command ends at the bar, with the rest of the row.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'downdoc@1.1.0-stable' '@asciidoctor/core@4.1.0'
cat >report.adoc <<'ADOC'
= Outage

== Steps

[start=4]
. Undrain
. Close

== Action items

* [x] Alert
* [*] Rotate
* [ ] Drill

== Commands

|===
|Time |What

|15:30
|Run `cat a \| sort` again
|===
ADOC
cat >seen.mjs <<'SCRIPT'
import assert from 'node:assert';
import { readFileSync } from 'node:fs';
import { convert } from '@asciidoctor/core';
import downdoc from 'downdoc';

const source = readFileSync('report.adoc', 'utf8');
const page = await convert(source);
const markdown = downdoc(source);
console.log('guess: 4. Undrain, - [x] Rotate, and cat a | sort again');
console.log(`seen:\n${markdown}`);
assert.equal(page.match(/&#10003;/g).length, 2);
assert.match(page, /start="4"/);
assert.match(page, /cat a \| sort<\/code> again/);
assert.match(markdown, /^1\. Undrain\n2\. Close$/m);
assert.match(markdown, /^\* \[x\] Alert\n\* \[\*\] Rotate\n\* \[ \] Drill$/m);
assert.match(markdown, /^\| 15:30 \| Run `cat a \\ \|$/m);
assert.doesNotMatch(markdown, /sort/);
SCRIPT
node seen.mjs
