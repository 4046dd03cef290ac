"""What the fuzz test does to the readers, in a process of its own that may be killed.

`python -m tests.document.fuzzing FIRST COUNT` tries COUNT inputs, each made of its number alone, and says
a number before it tries it. One that takes more than two seconds of the processor ends the process.
"""

from __future__ import annotations

import json
import random
import signal
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from postmortems.document.markdown import parser
from postmortems.document.readers import chat_log, pasted
from postmortems.document.readers import registry as readers_registry
from postmortems.document.source_edit import line_spans
from postmortems.document.text import lines_of, words
from postmortems.document.times import timeline_times
from postmortems.errors import Invalid
from tests.document.strategies import LINES

CASES = Path(__file__).parent
ALPHABET = "".join(map(chr, range(32, 127))) + "\n\n\n\t\r\u00a0\u2028\u200b\ufeff–—…“”漢é☐✅🔥\x0b\x85"
MARKS = (
    *(
        "#",
        "## ",
        "- ",
        "1. ",
        "> ",
        "|",
        "---\n",
        "+++\n",
        "```\n",
        "~~~",
        "<",
        ">",
        "<!--",
        "-->",
        "[",
        "](",
    ),
    *(
        "**",
        "`",
        "14:30 ",
        "2018-01-25 ",
        "T+5m ",
        "    ",
        "\t",
        "\\",
        "&amp;",
        "<b>",
        "</ul>",
        "::\n",
        ".. ",
    ),
    *("=\n", "{{", "}}", "{.entry}", "{.timeline}", "<!-- prose -->", "<!-- verbatim -->", "title: "),
    *("[x] ", "☒ ", "<br>", "\n\n", "\r\n"),
)
MOST_SECONDS = 2.0
LONGEST = 2_000
ENDINGS = (".md", ".txt", ".html", ".rst", ".ipynb", ".qmd", ".html.md.erb", "")


def made(number: int) -> tuple[str, str]:
    """The name and the text of an input."""
    chance = random.Random(number)
    text = chance.choice((_noise, _lines, _mutated, _mutated, _mutated))(chance)
    ending = chance.choice(ENDINGS)
    if ending == ".ipynb" and chance.random() < 0.8:
        text = json.dumps({"cells": [{"cell_type": "markdown", "source": text}]})
    return f"2018-01-25-report{ending}", text


def _noise(chance: random.Random) -> str:
    return "".join(chance.choice(ALPHABET) for _ in range(chance.randrange(200)))


def _lines(chance: random.Random) -> str:
    return "\n".join(chance.choice(LINES) for _ in range(chance.randrange(25)))


def _mutated(chance: random.Random) -> str:
    """A case, or two that are cut together, with some of it damaged."""
    text = chance.choice(_seeds())
    if chance.random() < 0.3:
        other = chance.choice(_seeds())
        text = text[: chance.randrange(len(text) + 1)] + other[chance.randrange(len(other) + 1) :]
    for _ in range(chance.randrange(1, 8)):
        text = chance.choice((_put, _cut, _doubled, _swapped))(chance, text)
    return text[:LONGEST]


def _put(chance: random.Random, text: str) -> str:
    at = chance.randrange(len(text) + 1)
    return text[:at] + chance.choice(MARKS) * chance.choice((1, 1, 1, 2, 30)) + text[at:]


def _cut(chance: random.Random, text: str) -> str:
    at = chance.randrange(len(text) + 1)
    return text[:at] + text[at + chance.randrange(40) :]


def _doubled(chance: random.Random, text: str) -> str:
    at = chance.randrange(len(text) + 1)
    return text[:at] + text[at : at + chance.randrange(80)] * 2 + text[at:]


def _swapped(chance: random.Random, text: str) -> str:
    rows = text.split("\n")
    one, other = chance.randrange(len(rows)), chance.randrange(len(rows))
    rows[one], rows[other] = rows[other], rows[one]
    return "\n".join(rows)


@cache
def _seeds() -> list[str]:
    """What the cases show people to write."""
    found = [path for folder in ("cases", "chats", "formats") for path in sorted((CASES / folder).glob("*"))]
    return [path.read_text(encoding="utf-8").split("===\n", 1)[-1] for path in found]


def faults(name: str, text: str) -> Iterator[str]:
    """What is wrong with how an input is read; only `Invalid` may be raised."""
    try:
        source = readers_registry.to_markdown(
            name, readers_registry.text_of(name, text.encode("utf-8", "replace"))
        )
    except Invalid:
        return
    document = parser.parse(source, name=name)
    written = parser.write(document)
    if words(source) - words(written):
        yield f"lost {sorted(words(source) - words(written))}"
    if parser.parse(written) != document:
        yield "reads its own writing as something else"
    if parser.write(parser.parse(written)) != written:
        yield "writes what it wrote in another way"
    if len(timeline_times.read_entries(document, name=name)) != len(document.entries):
        yield "has not a reading for each entry"
    kept = "\n".join(map(line_spans.text_of, pasted.rows(text)))
    # Slack's counts of replies are nobody's words, and are left out of chats on purpose.
    told = "\n".join(line for line in lines_of(text) if not chat_log.REPLIES.fullmatch(line.strip()))
    if words(told) - words(kept):
        yield f"lost of a pasted text {sorted(words(told) - words(kept))}"


def main() -> None:
    first, count = map(int, sys.argv[1:])
    _seeds()
    for number in range(first, first + count):
        _say(str(number))
        # Time on the processor, so that a busy machine is no fault; whoever is not done by then is ended.
        signal.setitimer(signal.ITIMER_VIRTUAL, MOST_SECONDS)
        for fault in faults(*made(number)):
            _say(f"{number}: {fault}")
    _say("done")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
