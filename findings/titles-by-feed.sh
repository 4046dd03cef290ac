#!/usr/bin/env bash
# Guess: the title of an incident, "Pod <hub> & db down", given to a library that writes feeds as the text that it is, stands in the feed so that
# readers show it, in Atom as in RSS: a title is text, and content is what is told to be HTML.
# Seen, feed 6.0.0 for Node.js: in Atom it says that the title is HTML (type="html") and leaves its signs as they are, so that <hub> is a tag:
# feedparser 6.0.14 shows "Pod  & db down", as RFC 4287 §3.1.1.2 has it, and rss-parser 3.13.0, which does not look at the type, the whole.
# In RSS and in JSON Feed it is whole. feedgen 1.0.0 for Python writes it as text.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'feed@6.0.0' 'rss-parser@3.13.0'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'feedparser==6.0.14' 'feedgen==1.0.0'
cat >seen.cjs <<'SCRIPT'
const { readFileSync, writeFileSync } = require('node:fs');
const { Feed } = require('feed');
const Parser = require('rss-parser');

(async () => {
  const date = new Date('2026-03-02T16:10:00Z');
  const feed = new Feed({ title: 'Status', id: 'https://example.org/', link: 'https://example.org/', updated: date });
  feed.addItem({ title: 'Pod <hub> & db down', id: 'https://example.org/INC-1', link: 'https://example.org/INC-1', date });
  const written = { atom: feed.atom1(), rss: feed.rss2() };
  const seen = [];
  for (const [name, text] of Object.entries(written)) {
    writeFileSync(`feed.${name}`, text);
    seen.push((await new Parser().parseString(text)).items[0].title);
  }
  seen.push(JSON.parse(feed.json1()).items[0].title);
  const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version;
  console.log('guess: "Pod <hub> & db down" from each');
  console.log(`feed ${version('feed')}, read by rss-parser ${version('rss-parser')}, and JSON: ${JSON.stringify(seen)}`);
  if (seen.some((each) => each !== 'Pod <hub> & db down')) {
    console.error('it has changed');
    process.exit(1);
  }
})();
SCRIPT
node seen.cjs
venv/bin/python - <<'PYTHON'
from importlib.metadata import version
from pathlib import Path

import feedparser
from feedgen.feed import FeedGenerator

written = FeedGenerator()
written.id("https://example.org/")
written.title("Status")
entry = written.add_entry()
entry.id("https://example.org/INC-1")
entry.title("Pod <hub> & db down")
entry.link(href="https://example.org/INC-1")
texts = (Path("feed.atom").read_text(), Path("feed.rss").read_text(), written.atom_str().decode())
seen = [feedparser.parse(text).entries[0].title for text in texts]
print(f"feedparser {version('feedparser')}: Atom and RSS by feed, and Atom by feedgen {version('feedgen')}: {seen}")
assert seen == ["Pod  & db down", "Pod <hub> & db down", "Pod <hub> & db down"], "it has changed"
PYTHON
