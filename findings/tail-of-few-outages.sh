#!/usr/bin/env bash
# Guess: a sketch that promises 1 % says of five outages (4, 5, 6, 7 and 600 minutes) within 1 % what numpy says: the 95th
# percentile is some 480 minutes, or 600 where no number between two is made up.
# Seen: DDSketch (ddsketch 3.0.1 for Python, @datadog/sketches-js 2.1.1) says 7.03 minutes: it takes the lower of two neighbours,
# and 1 % holds of that one; the long outage is not in the figure. HdrHistogram (hdrhistogram 0.10.8, hdr-histogram-js 3.0.1) and
# tdigest 0.5.2.2 say 600; numpy 2.4.6 and simple-statistics 7.12.1 say 481.4. It is 85 times as much.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund '@datadog/sketches-js@2.1.1' 'hdr-histogram-js@3.0.1' 'simple-statistics@7.12.1'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'ddsketch==3.0.1' 'hdrhistogram==0.10.8' 'tdigest==0.5.2.2' \
  'numpy==2.4.6'
cat >seen.cjs <<'SCRIPT'
const { readFileSync } = require('node:fs');
const { DDSketch } = require('@datadog/sketches-js');
const hdr = require('hdr-histogram-js');
const { quantile } = require('simple-statistics');

const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version;
const minutes = [4, 5, 6, 7, 600];
const sketch = new DDSketch();
const histogram = hdr.build({ lowestDiscernibleValue: 1, highestTrackableValue: 1440, numberOfSignificantValueDigits: 3 });
for (const each of minutes) {
  sketch.accept(each);
  histogram.recordValue(each);
}
const seen = {
  '@datadog/sketches-js': sketch.getValueAtQuantile(0.95).toFixed(2),
  'hdr-histogram-js': histogram.getValueAtPercentile(95).toFixed(2),
  'simple-statistics': quantile(minutes, 0.95).toFixed(2),
};
console.log('guess: 475 to 606 in all');
for (const [name, said] of Object.entries(seen)) console.log(`${name} ${version(name)}: ${said}`);
if (Object.values(seen).join(' ') !== '7.03 600.00 481.40') {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
node seen.cjs
venv/bin/python - <<'PYTHON'
from importlib.metadata import version

import numpy
from ddsketch import DDSketch
from hdrh.histogram import HdrHistogram
from tdigest import TDigest

minutes = [4, 5, 6, 7, 600]
sketch, histogram, digest = DDSketch(), HdrHistogram(1, 1440, 3), TDigest()
for each in minutes:
    sketch.add(each)
    histogram.record_value(each)
    digest.update(each)
seen = {
    "ddsketch": sketch.get_quantile_value(0.95),
    "hdrhistogram": histogram.get_value_at_percentile(95),
    "tdigest": digest.percentile(95),
    "numpy": float(numpy.percentile(minutes, 95)),
}
for name, said in seen.items():
    print(f"{name} {version(name)}: {said:.2f}")
assert [round(each, 2) for each in seen.values()] == [7.03, 600, 600, 481.4], "it has changed"
PYTHON
