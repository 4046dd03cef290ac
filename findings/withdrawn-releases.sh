#!/usr/bin/env bash
# Guess: a release that was withdrawn, "## [1.2.0] - 2026-03-01 [YANKED]" in the form of Keep a Changelog, is told from others by
# whoever reads the file, and two builds of one version (1.1.0+build.7) stay two when it is written back.
# Seen: keepachangelog 2.0.0 for Python has no word for it: the day of that release is "2026-03-01 [yanked]", which is no date, and
# nothing else tells it from the newest. keep-a-changelog 3.1.0 for Node.js says yanked, and makes 1.1.0 of 1.1.0+build.7, also in
# the file that it writes. What a deploy is compared with is a release that nobody should run, or one that cannot be found.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'keep-a-changelog@3.1.0'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'keepachangelog==2.0.0'
cat >CHANGELOG.md <<'CHANGES'
# Changelog

## [1.2.0] - 2026-03-01 [YANKED]
### Added
- Retries

## [1.1.0+build.7] - 2026-02-10
### Changed
- Move

[1.2.0]: https://example.org/1.2.0
CHANGES
cat >seen.mjs <<'SCRIPT'
import { readFileSync } from 'node:fs';
import { parser } from 'keep-a-changelog';

const changelog = parser(readFileSync('CHANGELOG.md', 'utf8'));
const seen = changelog.releases.map((each) => `${each.version}${each.yanked ? ' yanked' : ''}`);
const keepsBuild = changelog.toString().includes('build.7');
const { version } = JSON.parse(readFileSync('node_modules/keep-a-changelog/package.json'));
console.log('guess: 1.2.0 yanked, 1.1.0+build.7');
console.log(`keep-a-changelog ${version}: ${seen.join(', ')}; written with its build: ${keepsBuild}`);
if (seen.join() !== '1.2.0 yanked,1.1.0' || keepsBuild) {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
node seen.mjs
venv/bin/python - <<'PYTHON'
from importlib.metadata import version

import keepachangelog

found = keepachangelog.to_dict("CHANGELOG.md")
seen = {name: each["metadata"]["release_date"] for name, each in found.items()}
print(f"keepachangelog {version('keepachangelog')}: {seen}")
assert seen == {"1.2.0": "2026-03-01 [yanked]", "1.1.0+build.7": "2026-02-10"}, "it has changed"
assert "yanked" not in {key.lower() for each in found.values() for key in each["metadata"]}, "it has changed"
PYTHON
