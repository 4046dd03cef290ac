"""`gate check` and its siblings: what a pipeline calls before and after it deploys. Imports no server."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from postmortems.cli import LazyGroup
from postmortems.cli.gate import formats, text, unchecked_receipt
from postmortems.cli.gate.client import GateClient, Refused, Unreachable
from postmortems.cli.gate.options import (
    ALLOW,
    BLOCK,
    FAILED,
    WAITED,
    WARNED,
    Span,
    artifact,
    reading,
    server,
    surroundings,
    typed,
)
from postmortems.cli.gate.wait import decided

EXIT_CODES = (
    "Exit codes: 0 allowed, 3 allowed with warnings under --strict, 10 blocked, 11 still to wait, "
    "12 a guard could not be evaluated, 20 the gate cannot be reached, 21 wrong token, address or request."
)


FOR_MACHINES = frozenset({"json", "junit"})
COMMANDS = {
    "attest": (
        "postmortems.cli.gate.evidence:attest",
        "Vouch for an artifact: something was seen and is in order.",
    ),
    "deploy": ("postmortems.cli.gate.evidence:deploy", "Say that a deploy began or ended."),
    "drill": ("postmortems.cli.gate.drill:drill", "Replay recorded deploys against today's guards."),
    "override": (
        "postmortems.cli.gate.override:override",
        "Ask to override guards of a decision once; prints who may grant it.",
    ),
    "ping": (
        "postmortems.cli.gate.ping:ping",
        "Say that a job ended well, or what the options say; or run COMMAND and say how that began and "
        "ended.",
    ),
    "run-command": (
        "postmortems.cli.gate.run_command:run_command",
        "Run what the guards over a target ask for, and report how it ended.",
    ),
    "client": (
        "postmortems.cli.gate.bundle:client",
        "Write these commands as one file, which needs Python 3.11 and nothing else.",
    ),
}


@click.group(
    cls=LazyGroup,
    places=COMMANDS,
    help=f"Ask whether a deploy may happen, and say what happened. {EXIT_CODES}",
)
def gate() -> None:
    pass


@gate.command(epilog=EXIT_CODES)
@click.option("--service", required=True)
@click.option("--target", required=True, help="The target's name within the service, such as prod.")
@click.option("--artifact", default="", help="A digest (sha256:…) or a commit.")
@click.option("--confirm-target", default="", help="What you believe you deploy to: service/target.")
@click.option(
    "--change-kind", type=click.Choice(["feature", "fix", "rollback", "security"]), default="feature"
)
@click.option(
    "--actor", default="", help="Who asks, by their account here; else whom GitHub or GitLab says it is."
)
@click.option(
    "--committer", "committers", multiple=True, help="Who wrote part of it, for sign-offs that bar them."
)
@click.option("--typed-target", default="", help="What a person typed to start this: service/target.")
@click.option("--resolves", multiple=True, metavar="AI-N", help="An action item that this deploy resolves.")
@click.option(
    "--wait", type=Span(), default="0s", help="Come back for so long while the answer is wait: 15m."
)
@click.option("--strict", is_flag=True, help="Exit with 3 when there are warnings.")
@click.option("--format", "form", type=click.Choice(list(formats.FORMATS)), default="text")
@click.option("--decision-file", metavar="FILE", help="Write the decision's id here, for verify and deploy.")
@click.option("--if-unreachable", type=click.Choice(["block", "allow"]), default="block")
@click.option(
    "--receipt",
    type=click.Path(path_type=Path),
    default=unchecked_receipt.FILE,
    help="Where --if-unreachable allow notes that nothing was checked.",
)
@click.option("--dry-run", is_flag=True, help="Ask without consequences.")
@click.option(
    "--at", help="Judge as of this instant, such as 2018-01-25T15:30:00-08:00; only with --dry-run."
)
@server
def check(
    client: GateClient,
    form: str,
    strict: bool,
    decision_file: str | None,
    if_unreachable: str,
    receipt: Path,
    **options: Any,
) -> int:
    """May this artifact go to this target now?

    \b
    Example:
      python -m postmortems gate check --service data8 --target prod \\
        --artifact sha256:… --confirm-target data8/prod --wait 15m
    """
    question = _question(options)
    try:
        answer = decided(client, question, options["wait"])
        with reading():
            answer = text.with_command(answer, typed("override"))
            told = _formatted(answer, form, client.base)
    except Unreachable as unreachable:
        if if_unreachable == "block":
            raise
        unchecked_receipt.write(receipt, question, unreachable, url=client.base)
        click.echo(unchecked_receipt.warning(receipt, question, unreachable), err=True)
        return ALLOW
    if form in FOR_MACHINES:
        # Its output goes into a file as a rule, and then the log would not say why the job ended.
        click.echo(formats.text(answer, client.base), nl=False, err=True)
    click.echo(told, nl=False)
    if form == "github":
        _summarise(answer, client.base)
    if decision_file:
        _keep(decision_file, answer["id"])
    return exit_code(answer, strict=strict)


def _formatted(answer: Mapping[str, Any], form: str, base: str) -> str:
    # What cannot be said to a person is not handed to a machine either.
    formats.text(answer, base)
    return formats.FORMATS[form](answer, base)


def exit_code(answer: Mapping[str, Any], *, strict: bool) -> int:
    """0, 3, 10, 11 or 12 for a decision."""
    decision = answer["decision"]
    if decision == "allow":
        return ALLOW
    if decision == "allow_with_warnings":
        return WARNED if strict else ALLOW
    if decision == "wait":
        return WAITED
    reasons = {reason["reason_code"] for reason in answer.get("reasons", ())}
    if "gate_failed" in reasons:
        return FAILED
    if "wait_deadline_passed" in reasons:
        return WAITED
    blocking = {guard["verdict"] for guard in answer["guards"] if guard["effective"] == "block"}
    return FAILED if blocking == {"error"} else BLOCK


def _question(options: Mapping[str, Any]) -> dict[str, Any]:
    """The request's body: what was said here, and of the run what the pipeline's environment tells."""
    around = surroundings(os.environ)
    said = {"committers": list(options["committers"]), "typed_target": options["typed_target"]}
    run = around.get("run", {}) | {name: value for name, value in said.items() if value}
    actor = options["actor"] or around.get("actor", "")
    body: dict[str, Any] = {
        "service": options["service"],
        "target": options["target"],
        "declared_target": options["confirm_target"],
        "artifact": artifact(options["artifact"]),
        "change_kind": options["change_kind"],
        "resolves": list(options["resolves"]),
        "dry_run": options["dry_run"],
    }
    more = {"run": run, "actor": actor, "at": options["at"]}
    return body | {name: value for name, value in more.items() if value}


def _summarise(answer: Mapping[str, Any], base: str) -> None:
    place = os.environ.get("GITHUB_STEP_SUMMARY")
    if not place:
        return
    try:
        with Path(place).open("a", encoding="utf-8") as summary:
            summary.write(formats.markdown(answer, base))
    except OSError as error:
        # The log has it all, so no deploy is held up for want of a summary.
        click.echo(f"WARNING: no summary can be written to {place}: {error.strerror}", err=True)


def _keep(place: str, decision: str) -> None:
    """Write the decision's id where the pipeline wants it: without that it cannot go on."""
    try:
        Path(place).write_text(f"{decision}\n", encoding="utf-8")
    except OSError as error:
        raise Refused(f"the decision's id cannot be written to {place}: {error.strerror}") from error


@gate.command()
@click.option("--decision", required=True, metavar="ID")
@click.option("--service", required=True)
@click.option("--target", required=True)
@click.option("--artifact", "named", required=True, help="A digest (sha256:…) or a commit.")
@click.option("--use", is_flag=True, help="Use the decision up: it lets nothing else through.")
@server
def verify(client: GateClient, decision: str, service: str, target: str, named: str, use: bool) -> int:
    """Does a decision still hold, for this artifact and target? Exits with 0 or 10.

    \b
    Example:
      python -m postmortems gate verify --decision dec_… --service data8 --target prod \\
        --artifact sha256:… --use
    """
    claim = {"service": service, "target": target, "artifact": artifact(named), "use": use}
    found = client.post(f"/gate/decisions/{quote(decision, safe='')}/verify", claim)
    with reading():
        click.echo(text.plain(f"{service}/{target}  {found['reason_code']}: {found['summary']}"))
    return ALLOW if found.get("is_valid") is True else BLOCK
