"""Reads definition lists whose terms are times, in kramdown, Pandoc and MyST."""

from __future__ import annotations

import re

from postmortems.document.text import is_blank

# The description of a term that is a time, as kramdown, Pandoc and MyST write it.
DESCRIPTION = re.compile(r"^ {0,3}[:~][ \t]+(?=\S)")


def described(lines: list[str]) -> list[str]:
    """The text of an entry without the marks of a definition list, whose term was its time."""
    at = next((at for at, line in enumerate(lines) if not is_blank(line)), len(lines))
    at += at == 0 and len(lines) > 1 and not DESCRIPTION.match(lines[0])
    at += at < len(lines) and is_blank(lines[at])
    if at >= len(lines) or not DESCRIPTION.match(lines[at]):
        return lines
    out, is_inside = lines[:at], True
    for line in lines[at:]:
        # What stands at the margin behind a blank line follows the list.
        is_inside = is_inside and (
            is_blank(line) or line.startswith((" ", ":", "~")) or not out or not is_blank(out[-1])
        )
        if is_inside and DESCRIPTION.match(line):
            out += ["", DESCRIPTION.sub("", line, count=1)]
        elif is_inside or is_blank(line):
            out.append(line[min(4, len(line) - len(line.lstrip(" "))) :])
        else:
            out.append(line)
    return out
