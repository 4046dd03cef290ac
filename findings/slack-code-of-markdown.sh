#!/usr/bin/env bash
# Guess: markdown-to-mrkdwn, which makes Slack's mrkdwn of Markdown, leaves what stands in backticks as it is.
# Seen:  stars in a code span are taken for emphasis: `rm a*b*c` arrives as `rm a_b_c`, another command. A fenced block
#        stays. Of a heading with bold words one star stays too many.
# Version: markdown-to-mrkdwn 0.3.3.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip --quiet --disable-pip-version-check install 'markdown_to_mrkdwn==0.3.3'
"$folder/venv/bin/python" - <<'PYTHON'
import sys

from markdown_to_mrkdwn import SlackMarkdownConverter

convert = SlackMarkdownConverter().convert
span, fence, heading = convert("ran `rm a*b*c`"), convert("```\nrm a*b*c\n```"), convert("# Impact **high**")

print("guess:  ran `rm a*b*c`")
print("seen:  ", span)
print("fenced:", repr(fence))
print("heading:", heading)
sys.exit(not (span == "ran `rm a_b_c`" and "a*b*c" in fence and heading == "*Impact *high**"))
PYTHON
