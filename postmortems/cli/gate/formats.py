"""Output formats of a decision: text, JSON, JUnit, GitHub annotations, Markdown."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urljoin

from postmortems.cli.gate import text as gate_text
from postmortems.cli.gate.text import Answer, plain

# What needs no more words.
QUIET = frozenset({"pass", "not_applicable"})
# Compiled where it is used, by JUnit alone: that takes longer than all else here.
NOT_XML = "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
# How GitHub shows each; all else is an error.
ANNOTATIONS = {"allow_with_warnings": "warning", "waived": "notice"}
MARKDOWN_SIGNS = re.compile(r"([\\`*_{}\[\]()#+\-.!|~$:=^])")


def text(answer: Answer, base: str) -> str:
    return "\n".join([gate_text.banner(answer), *_body(answer, base)]) + "\n"


def as_json(answer: Answer, base: str) -> str:
    return json.dumps(answer, indent=2) + "\n"


def _body(answer: Answer, base: str) -> Iterator[str]:
    yield gate_text.headline(answer)
    for reason in answer["reasons"]:
        yield f"  {plain(reason['reason_code'])}: {plain(reason['summary'])}"
        yield f"      do: {plain(reason['remedy'])}"
    for guard in answer["guards"]:
        mark = gate_text.mark(guard)
        named = plain(f"{guard['guard']} ({guard['kind']}, {guard['level']})")
        yield f"  {mark} {named} {gate_text.said(guard)}"
        if guard["verdict"] not in QUIET:
            yield from (f"      {line}" for line in gate_text.details(guard, base))
    yield from (f"  ! {line}" for line in gate_text.endings(answer))
    yield from (f"  {line}" for line in gate_text.way_past(answer, base))


def junit(answer: Answer, base: str) -> str:
    """One test case a guard, and one for a reason that is about the decision as a whole."""
    cases = [_case(guard, base) for guard in answer["guards"]]
    for reason in answer["reasons"]:
        message, remedy = _attribute(reason["summary"]), _xml(reason["remedy"])
        body = f"<failure message={message}>{remedy}</failure>"
        is_failed = answer["decision"] == "block"
        cases.append((reason["reason_code"], body if is_failed else f"<skipped message={message}/>"))
    failed = sum("<failure" in body for _, body in cases)
    errors = sum("<error" in body for _, body in cases)
    skipped = sum("<skipped" in body for _, body in cases)
    told = [gate_text.banner(answer), *gate_text.endings(answer), *gate_text.way_past(answer, base)]
    about = _xml("\n".join(told))
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuite name={_attribute("gate " + answer["target"])} tests="{len(cases)}" '
        f'failures="{failed}" errors="{errors}" skipped="{skipped}">',
        *(
            f"  <testcase classname={_attribute(answer['target'])} name={_attribute(name)}>{body}</testcase>"
            for name, body in cases
        ),
        f"  <system-out>{about}</system-out>",
        "</testsuite>",
    ]
    return "\n".join(lines) + "\n"


def _case(guard: Answer, base: str) -> tuple[str, str]:
    """Its name and what stands in it. One that was waived has neither failed nor passed."""
    told = _xml("\n".join([plain(guard["summary"]), *gate_text.details(guard, base)]))
    message = _attribute(guard["summary"])
    if guard["effective"] == "block":
        tag = "error" if guard["verdict"] == "error" else "failure"
        body = f"<{tag} type={_attribute(guard['reason_code'])} message={message}>{told}</{tag}>"
    elif guard["effective"] == "wait" or guard["verdict"] == "waived":
        body = f"<skipped message={message}/><system-out>{told}</system-out>"
    else:
        body = "" if guard["effective"] == "allow" else f"<system-err>{told}</system-err>"
    return guard["guard"], body


def _xml(value: Any) -> str:
    text = re.sub(NOT_XML, "\ufffd", str(value))
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _attribute(value: Any) -> str:
    return '"' + _xml(plain(value)).replace('"', "&quot;") + '"'


def github(answer: Answer, base: str) -> str:
    """Annotations for what stops, warns or is waived; the rest as log lines that command no runner."""
    told = []
    for reason in answer["reasons"]:
        told.append(_annotation(answer["decision"], reason["reason_code"], reason["summary"]))
    for guard in answer["guards"]:
        effect = "waived" if guard["verdict"] == "waived" else guard["effective"]
        if effect != "allow":
            summary = "\n".join([plain(guard["summary"]), *gate_text.details(guard, base)])
            told.append(_annotation(effect, guard["guard"], summary))
    told += [_annotation("allow_with_warnings", "a waiver ends", line) for line in gate_text.endings(answer)]
    if way := list(gate_text.way_past(answer, base)):
        told.append(_annotation("waived", "override", "\n".join(way)))
    token = os.urandom(16).hex()
    log = [f"::stop-commands::{token}", *_body(answer, base), f"::{token}::"]
    # The runner takes a command from the start of a line, and an older form of it from anywhere.
    first = gate_text.banner(answer).replace("::", ": :").replace("##[", "## [")
    return "\n".join([first, *told, *log]) + "\n"


def _annotation(effect: str, title: str, message: str) -> str:
    level = ANNOTATIONS.get(effect, "error")
    escaped = message.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    named = plain(title).replace("%", "%25").replace(":", "%3A").replace(",", "%2C")
    return f"::{level} title={named}::{escaped}"


def markdown(answer: Answer, base: str) -> str:
    """For a merge request, a job summary or a chat that reads Markdown."""
    headline = gate_text.HEADLINES[answer["decision"]].capitalize()
    lines = [_md(gate_text.banner(answer)), "", f"### {headline}", ""]
    for reason in answer["reasons"]:
        lines.append(f"- **{_md(reason['reason_code'])}**: {_md(reason['summary'])} {_md(reason['remedy'])}")
    for guard in answer["guards"]:
        lines.append(f"- **{_md(guard['guard'])}** {_md(gate_text.said(guard))}")
        if guard["verdict"] not in QUIET:
            lines += [f"  - {line}" for line in _markdown_details(guard, base)]
    lines += [f"- {_md(line)}" for line in gate_text.endings(answer)]
    return "\n".join([*lines, *_markdown_way_past(answer, base)]) + "\n"


def _markdown_details(guard: Answer, base: str) -> Iterator[str]:
    if guard["expected"] is not None:
        observed, expected = gate_text.shown(guard["observed"]), gate_text.shown(guard["expected"])
        yield f"Observed {_md(observed)}, expected {_md(expected)}"
    for link in guard["because"]:
        address = quote(urljoin(base, link["action_item"]["url"]), safe=":/#?&=%~-._")
        why = _md(gate_text.because(link))
        yield f"Because [{why}]({address})" if link["action_item"]["url"] else f"Because {why}"
    if guard["remedy"]:
        yield f"To do: {_md(guard['remedy'])}"
    if guard["next_possible_at"]:
        yield f"Possible from {_md(guard['next_possible_at'])}"


def _markdown_way_past(answer: Answer, base: str) -> Iterator[str]:
    """The same as `gate_text.way_past`, its command as code that can be copied."""
    if answer["decision"] not in gate_text.STOPS or "override" not in answer:
        return
    yield f"\n{_md(gate_text.passing(answer['override']))}"
    if command := answer["override"].get("command"):
        yield f"\n    {plain(command)}"
    if page := gate_text.place(answer["id"], base):
        yield f"\n[Decision {_md(answer['id'])}]({page})"


def _md(value: Any) -> str:
    """Text that Markdown shows as it is: no markup, no HTML, nobody mentioned."""
    text = plain(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return MARKDOWN_SIGNS.sub(r"\\\1", text).replace("@", "@\u2060")


FORMATS = {"text": text, "json": as_json, "junit": junit, "github": github, "markdown": markdown}
