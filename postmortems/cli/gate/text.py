"""Texts of a decision that all formats share, with control characters made harmless."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urljoin

Answer = Mapping[str, Any]

HEADLINES = {
    "allow": "ALLOWED",
    "allow_with_warnings": "ALLOWED WITH WARNINGS",
    "wait": "WAIT",
    "block": "BLOCKED",
}
MARKS = {"block": "x", "wait": "…", "allow_with_warnings": "!", "allow": "v"}
WAIVED = "~"
STOPS = frozenset({"block", "wait"})
# Control characters steer terminals and logs, direction marks reorder what people read, and halves of
# surrogate pairs cannot be printed at all.
STEERING = re.compile("[\0-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
# A word that a shell takes as it is.
WORD = re.compile("[A-Za-z0-9_./-]+")


def plain(value: Any) -> str:
    """One line without anything that could steer what shows it."""
    return " ".join(STEERING.sub(" ", str(value)).split())


def shown(value: Any) -> str:
    """An observed or expected value, short."""
    if value in (None, {}, []):
        return "nothing"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return _short(plain(text), 300)


def _short(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def banner(answer: Answer) -> str:
    """The first line of every run: where to, what, and how much experience stands behind the rules."""
    artifact = answer["artifact"].get("digest") or answer["artifact"].get("sha") or "no artifact named"
    count = answer["incidents"]
    return plain(
        f"{answer['target']}  {artifact}  {count} incident{'' if count == 1 else 's'} behind the rules"
    )


def headline(answer: Answer) -> str:
    """What was decided, and how long that holds."""
    until = f", holds until {answer['valid_until']}" if answer["decision"] not in STOPS else ""
    once = ", for one deploy" if answer.get("single_use") is True and until else ""
    return plain(f"{HEADLINES[answer['decision']]}  decision {answer['id']}{until}{once}")


def mark(guard: Answer) -> str:
    return WAIVED if guard["verdict"] == "waived" else MARKS[guard["effective"]]


def waiting(answer: Answer, base: str) -> str:
    """Whom a decision waits for, and where they can answer."""
    late = ", ".join(str(one.get("guard")) for one in answer["guards"] if one.get("effective") == "wait")
    page = place(answer["id"], base)
    return plain(f"{answer['target']}  waits for {late}") + (f": {page}" if page else "")


def said(guard: Answer) -> str:
    """What a guard says. The summary of a waived one says that it is, by whom and until when."""
    return plain(
        guard["summary"] if guard["verdict"] == "waived" else f"{guard['verdict']}: {guard['summary']}"
    )


def details(guard: Answer, base: str) -> Iterator[str]:
    """What a person needs to act: observed against expected, why the rule exists, what to do, and when."""
    if guard["expected"] is not None:
        yield f"observed {shown(guard['observed'])}, expected {shown(guard['expected'])}"
    for link in guard["because"]:
        address = link["action_item"]["url"]
        yield f"because {because(link)}" + (f": {plain(urljoin(base, address))}" if address else "")
    if guard["remedy"]:
        yield f"do: {plain(guard['remedy'])}"
    if guard["next_possible_at"]:
        yield f"possible from {plain(guard['next_possible_at'])}"


def because(link: Answer) -> str:
    """The incident and the action item that a guard is there for, and who owns it."""
    incident, item = link["incident"], link["action_item"]
    if not item["id"]:
        return plain(incident["title"])  # It is restricted: more is not told.
    owner = f", owner {item['owner']}" if item["owner"] else ", without an owner"
    told = _short(plain(item["text"]), 160).removesuffix(".")
    return plain(f"{incident['title']} ({incident['date'] or 'undated'}), {item['id']} {told}{owner}")


def endings(answer: Answer) -> list[str]:
    """The waivers that end soon: then their guards stop deploys again."""
    told = (one for one in answer.get("warnings", ()) if one["reason_code"] == "waiver_ends")
    return [plain(f"{one['guard']}: {one['summary']}") for one in told]


def passing(found: Answer) -> str:
    """Who may let the deploy past which guards; that nobody may, where that is so."""
    if not found["guards"]:
        return "override: nobody may override what stops it"
    who = " or ".join(str(role) for role in found["roles"])
    both = ", another than who asks" if found["people"] > 1 else ""
    return plain(
        f"override: a signed-in {who} may grant it{both}, for {', '.join(map(str, found['guards']))}"
    )


def way_past(answer: Answer, base: str) -> Iterator[str]:
    """Who may let past what stops the deploy, how to ask for it, and where all of it can be read."""
    if answer["decision"] not in STOPS or "override" not in answer:
        return
    yield passing(answer["override"])
    if command := answer["override"].get("command"):
        yield f"to ask for it: {plain(command)}"
    if page := place(answer["id"], base):
        yield f"see {page}"


def place(decision: Any, base: str) -> str:
    """The address of a decision's page; empty where there is none."""
    return f"{base}/gate/{decision}" if WORD.fullmatch(str(decision)) else ""


def with_command(answer: Answer, typed: str) -> dict[str, Any]:
    """The answer with the command that asks for an override, where one can be asked for.

    `typed` is how the command is called here. None where anything in it would have to be quoted.
    """
    found = answer.get("override")
    is_bound = not answer.get("dry_run") and any(answer["artifact"].get(name) for name in ("digest", "sha"))
    if answer["decision"] not in STOPS or not found or not found["guards"] or not is_bound:
        return dict(answer)
    words = [*typed.split(), "--decision", answer["id"]]
    words += [word for slug in found["guards"] for word in ("--guard", slug)]
    if not all(WORD.fullmatch(str(word)) for word in words):
        return dict(answer)
    command = " ".join([*words, '--reason "…"'])
    return {**answer, "override": {**found, "command": command}}
