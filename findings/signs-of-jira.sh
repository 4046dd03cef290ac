#!/usr/bin/env bash
# What Jira shows of a report that a library wrote in Jira's markup, and what another reads back from Jira.
# Guess: who escapes braces and brackets, so that "{namespace}" is no macro of Jira, escapes what else is a sign there: "!important!"
# shows a picture, "(x)" and "(!)" are icons. And what reads a block of code takes its language from where Jira has it, beside its title.
# Seen: mistletoe 1.6.0 (its renderer for Jira) leaves !important!, (x) and (!) as they are: "retry (x) times" shows a red cross, and a
# word in a report a broken picture. An open item is written "[ ]", a ticked one "\[x\]", and steps that begin at 3 begin at 1.
# jira2markdown 0.5.3 makes Java of {code:title=a.sh|language=bash}, and bash of {code:bash}.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip --quiet --disable-pip-version-check install 'mistletoe==1.6.0' 'jira2markdown==0.5.3'
"$folder/venv/bin/python" - <<'PYTHON'
from importlib.metadata import version

from jira2markdown import convert
from mistletoe import markdown
from mistletoe.contrib.jira_renderer import JiraRenderer


def to_jira(text: str) -> str:
    return markdown(text, JiraRenderer).strip()


words = to_jira("In {namespace}, !important! for all: retry (x) times (!)\n")
items = to_jira("- [x] Alert\n- [ ] Drill\n")
steps = to_jira("3. Undrain\n4. Close\n")
code = convert("{code:title=a.sh|language=bash}\nls\n{code}")
plain = convert("{code:bash}\nls\n{code}")
print(f"mistletoe {version('mistletoe')}, guess: all signs escaped")
print(f"seen:  {words}; {items!r}; {steps!r}")
print(f"jira2markdown {version('jira2markdown')}, guess: ```bash; seen: {code!r}, and without a title {plain!r}")
assert words == r"In \{namespace\}, !important! for all: retry (x) times (!)", "it has changed"
assert items == "* \\[x\\] Alert\n* [ ] Drill" and steps == "# Undrain\n# Close", "it has changed"
assert code == "```Java\nls\n```" and plain == "```bash\nls\n```", "it has changed"
PYTHON
