"""Say a decision as text, JSON, JUnit, GitHub annotations or Markdown, with what guards wrote escaped."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urljoin

Answer = Mapping[str, Any]

MARKS = {"block": "x", "wait": "…", "allow_with_warnings": "!", "allow": "v"}
HEADLINES = {
    "allow": "ALLOWED",
    "allow_with_warnings": "ALLOWED WITH WARNINGS",
    "wait": "WAIT",
    "block": "BLOCKED",
}
# Control characters steer terminals and logs, direction marks reorder what people read, and halves of
# surrogate pairs cannot be printed at all.
STEERING = re.compile("[\0-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
MARKDOWN_SIGNS = re.compile(r"([\\`*_{}\[\]()#+\-.!|~$:=^])")


def banner(answer: Answer) -> str:
    """The first line of every run: where to, what, and how much experience stands behind the rules."""
    artifact = answer["artifact"].get("digest") or answer["artifact"].get("sha") or "no artifact named"
    count = answer["incidents"]
    return plain(
        f"{answer['target']}  {artifact}  {count} incident{'' if count == 1 else 's'} behind the rules"
    )


def plain(value: Any) -> str:
    """One line without anything that could steer what shows it."""
    return " ".join(STEERING.sub(" ", str(value)).split())


def shown(value: Any) -> str:
    """An observed or expected value, short."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return _short(plain(text), 300)


def _short(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def text(answer: Answer, base: str) -> str:
    return "\n".join([banner(answer), *_body(answer, base)]) + "\n"


def as_json(answer: Answer, base: str) -> str:
    return json.dumps(answer, indent=2) + "\n"


def _body(answer: Answer, base: str) -> Iterator[str]:
    until = f", holds until {answer['valid_until']}" if answer["decision"].startswith("allow") else ""
    yield plain(f"{HEADLINES[answer['decision']]}  decision {answer['id']}{until}")
    for reason in answer["reasons"]:
        yield plain(f"  {reason['reason_code']}: {reason['summary']}")
        yield f"      do: {plain(reason['remedy'])}"
    for guard in answer["guards"]:
        yield f"  {MARKS[guard['effective']]} {plain(_line(guard))}"
        if guard["verdict"] not in {"pass", "not_applicable"}:
            yield from (f"      {line}" for line in details(guard, base))
    if answer["decision"] in {"block", "wait"} and "override" in answer:
        yield f"  {passing(answer['override'])}"


def _line(guard: Answer) -> str:
    return f"{guard['guard']} ({guard['kind']}, {guard['level']}) {guard['verdict']}: {guard['summary']}"


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


def passing(found: Answer) -> str:
    """Who may let the deploy past which guards; that nobody may, where that is so."""
    if not found["guards"]:
        return "override: nobody may pass over what stops it"
    who = " or ".join(str(role) for role in found["roles"])
    both = ", another than who asks" if found["people"] > 1 else ""
    return plain(
        f"override: a signed-in {who} may grant it{both}, for {', '.join(map(str, found['guards']))}"
    )


def because(link: Answer) -> str:
    """The incident and the action item that a guard is there for, and who owns it."""
    incident, item = link["incident"], link["action_item"]
    if not item["id"]:
        return plain(incident["title"])  # It is restricted: more is not told.
    owner = f", owner {item['owner']}" if item["owner"] else ", without an owner"
    told = _short(plain(item["text"]), 160)
    return plain(f"{incident['title']} ({incident['date'] or 'undated'}), {item['id']} {told}{owner}")


def junit(answer: Answer, base: str) -> str:
    """One test case a guard, and one for a reason that is about the decision as a whole."""
    cases = [_case(guard, base) for guard in answer["guards"]]
    for reason in answer["reasons"]:
        body = f"<failure message={_attribute(reason['summary'])}>{_xml(reason['remedy'])}</failure>"
        cases.append((reason["reason_code"], body if answer["decision"] == "block" else "<skipped/>"))
    failed = sum("<failure" in body for _, body in cases)
    errors = sum("<error" in body for _, body in cases)
    skipped = sum("<skipped" in body for _, body in cases)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuite name={_attribute("gate " + answer["target"])} tests="{len(cases)}" '
        f'failures="{failed}" errors="{errors}" skipped="{skipped}">',
        *(
            f"  <testcase classname={_attribute(answer['target'])} name={_attribute(name)}>{body}</testcase>"
            for name, body in cases
        ),
        f"  <system-out>{_xml(banner(answer))}</system-out>",
        "</testsuite>",
    ]
    return "\n".join(lines) + "\n"


def _case(guard: Answer, base: str) -> tuple[str, str]:
    told = _xml("\n".join([plain(guard["summary"]), *details(guard, base)]))
    message = _attribute(guard["summary"])
    if guard["effective"] == "block":
        tag = "error" if guard["verdict"] == "error" else "failure"
        return guard[
            "guard"
        ], f"<{tag} type={_attribute(guard['reason_code'])} message={message}>{told}</{tag}>"
    if guard["effective"] == "wait":
        return guard["guard"], f"<skipped message={message}/>"
    return guard["guard"], "" if guard["effective"] == "allow" else f"<system-err>{told}</system-err>"


def _xml(value: Any) -> str:
    text = NOT_XML.sub("\ufffd", str(value))
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _attribute(value: Any) -> str:
    return '"' + _xml(plain(value)).replace('"', "&quot;") + '"'


def github(answer: Answer, base: str) -> str:
    """Annotations for what stops or warns; the rest as log lines that cannot give the runner commands."""
    told = []
    for reason in answer["reasons"]:
        told.append(_annotation(answer["decision"], reason["reason_code"], reason["summary"]))
    for guard in answer["guards"]:
        if guard["effective"] != "allow":
            summary = "\n".join([plain(guard["summary"]), *details(guard, base)])
            told.append(_annotation(guard["effective"], guard["guard"], summary))
    token = secrets.token_hex(16)
    log = [f"::stop-commands::{token}", *_body(answer, base), f"::{token}::"]
    # The runner takes a command from the start of a line, and an older form of it from anywhere.
    first = banner(answer).replace("::", ": :").replace("##[", "## [")
    return "\n".join([first, *told, *log]) + "\n"


def _annotation(effect: str, title: str, message: str) -> str:
    level = "warning" if effect == "allow_with_warnings" else "error"
    escaped = message.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    named = plain(title).replace("%", "%25").replace(":", "%3A").replace(",", "%2C")
    return f"::{level} title={named}::{escaped}"


def markdown(answer: Answer, base: str) -> str:
    """For a merge request, a job summary or a chat that reads Markdown."""
    lines = [_md(banner(answer)), "", f"### {HEADLINES[answer['decision']].capitalize()}", ""]
    for reason in answer["reasons"]:
        lines.append(f"- **{_md(reason['reason_code'])}**: {_md(reason['summary'])} {_md(reason['remedy'])}")
    for guard in answer["guards"]:
        lines.append(f"- **{_md(guard['guard'])}** {_md(guard['verdict'])}: {_md(guard['summary'])}")
        if guard["verdict"] not in {"pass", "not_applicable"}:
            lines += [f"  - {line}" for line in _markdown_details(guard, base)]
    return "\n".join(lines) + "\n"


def _markdown_details(guard: Answer, base: str) -> Iterator[str]:
    if guard["expected"] is not None:
        yield f"Observed {_md(shown(guard['observed']))}, expected {_md(shown(guard['expected']))}"
    for link in guard["because"]:
        address = quote(urljoin(base, link["action_item"]["url"]), safe=":/#?&=%~-._")
        is_told = bool(link["action_item"]["url"])
        yield f"Because [{_md(because(link))}]({address})" if is_told else f"Because {_md(because(link))}"
    if guard["remedy"]:
        yield f"To do: {_md(guard['remedy'])}"
    if guard["next_possible_at"]:
        yield f"Possible from {_md(guard['next_possible_at'])}"


def _md(value: Any) -> str:
    """Text that Markdown shows as it is: no markup, no HTML, nobody mentioned."""
    text = plain(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return MARKDOWN_SIGNS.sub(r"\\\1", text).replace("@", "@\u2060")


FORMATS = {"text": text, "json": as_json, "junit": junit, "github": github, "markdown": markdown}
