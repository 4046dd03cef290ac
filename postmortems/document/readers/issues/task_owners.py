"""Owners of to-dos in issues: the people who are mentioned at the end of one, as `- [ ] Add an alert @ada`.

A mention amid the words, or behind a word that leads to it ("ask @ada"), is part of what is to be done.
"""

from __future__ import annotations

import re

FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
TASK = re.compile(r"\s*(?:[-*+]|\d{1,3}[.)])[ \t]+\[[ xX]\][ \t]+\S")
NAME = r"@[A-Za-z0-9][\w.-]{0,60}(?:/[\w.-]{1,60}){0,3}"
# Where a mention would call somebody, authors write it as code.
HANDLE = rf"(?:`{NAME}`|{NAME})"
BEHIND = re.compile(
    rf"[ \t]+(?P<said>{HANDLE}(?:(?:,[ \t]*|[ \t]+(?:and[ \t]+|&[ \t]*)?){HANDLE}){{0,5}})"
    r"(?P<more>(?:[ \t]+(?:\((?:[\w./-]*#\d+|https?://[^\s()]+)\)|[\w./-]*#\d+)){0,3})[ \t.]*$"
)
# Words that lead to a person who is asked, told or named, and does not do it.
LEADS = re.compile(
    r"(?:ask|tell|ping|cc|with|to|from|by|for|and|or|of|at|about|as|per|via|see|remind|inform|notify|contact"
    r"|let|thank|thanks|mention|add|remove|invite|mit|an|von|bei|für|avec|à|pour|de|par|con|a|por|para|com)[:,]?$",
    re.IGNORECASE,
)


def told(text: str) -> str:
    """Markdown in which the owners of to-dos stand in brackets: `- [ ] Add an alert (owner: @ada)`."""
    out, fence = [], ""
    for line in text.split("\n"):
        mark = FENCE.match(line)
        if mark and (not fence or mark[1].startswith(fence)):
            fence = "" if fence else mark[1]
        out.append(_told(line) if not fence and TASK.match(line) else line)
    return "\n".join(out)


def _told(line: str) -> str:
    found = BEHIND.search(line)
    before = line[: found.start()] if found else ""
    if found is None or LEADS.search(before) or before.rstrip().endswith(("]", "–", "—", "-", "|", ":", "→")):
        return line
    names = ", ".join(re.findall(NAME, found["said"]))
    return f"{before}{found['more']} (owner: {names.rstrip('.')})"
