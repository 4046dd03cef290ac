"""Many who write one incident at once through the API, each on the version that they read last."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

PLACE = "/api/v1/incidents"
# (method, path, body) to (status, answer).
Send = Callable[[str, str, Any], tuple[int, Any]]
BUSY = {503, 429}


def report(writers: int) -> dict[str, Any]:
    """An incident with a section for each writer, and places where all of them write."""
    own = [section(f"Part {writer}", prose("Nothing yet.")) for writer in range(writers)]
    shared = section("Summary", prose("It broke."))
    rows = {"type": "entry", "written": "09:00", "text": "A deploy."}
    return {
        "title": "It broke",
        "sections": [shared, section("Timeline", rows), *own],
    }


def section(heading: str, *blocks: dict[str, Any]) -> dict[str, Any]:
    return {"heading": heading, "blocks": list(blocks)}


def prose(text: str) -> dict[str, Any]:
    return {"type": "prose", "text": text}


@dataclass
class Tally:
    """Every word whose save was acknowledged, by the version that has it, and what else was answered."""

    kept: dict[str, int] = field(default_factory=dict)
    merged: int = 0
    clashed: int = 0
    unsaid: list[Any] = field(default_factory=list)


def edited(document: dict[str, Any], writer: int, number: int, word: str) -> dict[str, Any]:
    """The document with the word in the writer's own part, as a new row, or in a line that all write."""
    sections = [dict(one) | {"blocks": [*one["blocks"]]} for one in document["sections"]]
    places = {one["heading"]: one["blocks"] for one in sections}
    if number % 5 == 4:
        blocks = places["Summary"]
        blocks[0] = prose(f"{blocks[0]['text']} {word}")
    elif number % 5 == 3:
        places["Timeline"].append({"type": "entry", "written": "10:00", "text": word})
    else:
        blocks = places[f"Part {writer}"]
        blocks[0] = prose(f"{blocks[0]['text']} {word}")
    return document | {"sections": sections, "message": word}


def write(send: Send, writers: int, saves: int) -> tuple[str, Tally]:
    """All of them write at once; gives the incident's address and what was acknowledged."""
    _, made = send("POST", PLACE, report(writers))
    place, tally, lock = f"{PLACE}/{made['slug']}", Tally(), threading.Lock()

    def work(writer: int) -> None:
        _, document = send("GET", place, None)
        for number in range(saves):
            word = f"word-{writer}-{number}"
            while True:
                status, answer = send("PUT", place, edited(document, writer, number, word))
                if status in BUSY:
                    continue
                with lock:
                    if status == 200:
                        tally.kept[word] = answer["version"]
                        tally.merged += "merged" in answer
                    elif status == 409:
                        tally.clashed += 1
                        is_told = "clashes" not in answer or all(
                            word in answer["yours"] for _ in answer["clashes"]
                        )
                        tally.unsaid += [] if is_told else [answer]
                    else:
                        tally.unsaid.append(answer)
                if status == 200:
                    break
                _, document = send("GET", place, None)
            # Now and then what was answered is edited on; else the version before is, as a slow writer does.
            if number % 2:
                document = answer

    threads = [threading.Thread(target=work, args=(writer,)) for writer in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return place, tally


def missing(tally: Tally, texts: dict[int, str]) -> dict[str, str]:
    """By acknowledged word, what is wrong with it, given each version's text."""
    newest = texts[max(texts)]
    found = {}
    for word, version in tally.kept.items():
        if word not in texts[version]:
            found[word] = f"not in version {version}"
        elif word not in newest:
            found[word] = "overwritten"
    return found
