"""`gate`: what a pipeline calls before and after it deploys. Imports no server."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from postmortems.cli import gate_formats, gate_receipts, gate_words
from postmortems.cli.gate_calling import (
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
from postmortems.cli.gate_client import GateClient, Unreachable
from postmortems.cli.gate_commands import run_command
from postmortems.cli.gate_drills import drill
from postmortems.cli.gate_evidence import attest, deploy
from postmortems.cli.gate_overrides import override
from postmortems.cli.gate_pings import ping
from postmortems.cli.gate_waiting import decided

EXIT_CODES = (
    "Exit codes: 0 allowed, 3 allowed with warnings under --strict, 10 blocked, 11 still to wait, "
    "12 a guard could not be evaluated, 20 the gate cannot be reached, 21 wrong token, address or request."
)


@click.group(help=f"Ask whether a deploy may happen, and say what happened. {EXIT_CODES}")
def gate() -> None:
    pass


gate.add_command(attest)
gate.add_command(deploy)
gate.add_command(drill)
gate.add_command(override)
gate.add_command(ping)
gate.add_command(run_command)


@gate.command(epilog=EXIT_CODES)
@click.option("--service", required=True)
@click.option("--target", required=True, help="The target's name within the service, such as prod.")
@click.option("--artifact", default="", help="A digest (sha256:…) or a commit.")
@click.option("--confirm-target", default="", help="What you believe you deploy to: service/target.")
@click.option(
    "--change-kind", type=click.Choice(["feature", "fix", "rollback", "security"]), default="feature"
)
@click.option("--resolves", multiple=True, metavar="AI-N", help="An action item that this deploy resolves.")
@click.option(
    "--wait", type=Span(), default="0s", help="Come back for so long while the answer is wait: 15m."
)
@click.option("--strict", is_flag=True, help="Exit with 3 when there are warnings.")
@click.option("--format", "form", type=click.Choice(list(gate_formats.FORMATS)), default="text")
@click.option("--decision-file", metavar="FILE", help="Write the decision's id here, for verify and deploy.")
@click.option("--if-unreachable", type=click.Choice(["block", "allow"]), default="block")
@click.option(
    "--receipt",
    type=click.Path(path_type=Path),
    default=gate_receipts.FILE,
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
            answer = gate_words.with_command(answer, typed("override"))
            told = _formatted(answer, form, client.base)
    except Unreachable as unreachable:
        if if_unreachable == "block":
            raise
        gate_receipts.write(receipt, question, unreachable, url=client.base)
        click.echo(gate_receipts.warning(receipt, question, unreachable), err=True)
        return ALLOW
    if form in {"json", "junit"}:
        click.echo(gate_words.banner(answer), err=True)
    click.echo(told, nl=False)
    if decision_file:
        Path(decision_file).write_text(f"{answer['id']}\n", encoding="utf-8")
    if form == "github":
        _summarise(answer, client.base)
    return exit_code(answer, strict=strict)


def _formatted(answer: Mapping[str, Any], form: str, base: str) -> str:
    # What cannot be said to a person is not handed to a machine either.
    gate_formats.text(answer, base)
    return gate_formats.FORMATS[form](answer, base)


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
    """The request's body, with the run as far as the pipeline's environment tells."""
    body: dict[str, Any] = {
        "service": options["service"],
        "target": options["target"],
        "declared_target": options["confirm_target"],
        "artifact": artifact(options["artifact"]),
        "change_kind": options["change_kind"],
        "resolves": list(options["resolves"]),
        "dry_run": options["dry_run"],
        **surroundings(os.environ),
    }
    return body | ({"at": options["at"]} if options["at"] else {})


def _summarise(answer: Mapping[str, Any], base: str) -> None:
    place = os.environ.get("GITHUB_STEP_SUMMARY")
    if place:
        with Path(place).open("a", encoding="utf-8") as summary:
            summary.write(gate_formats.markdown(answer, base))


@gate.command()
@click.option("--decision", required=True, metavar="ID")
@click.option("--service", required=True)
@click.option("--target", required=True)
@click.option("--artifact", "named", default="", help="A digest (sha256:…) or a commit.")
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
        click.echo(gate_words.plain(f"{service}/{target}  {found['reason_code']}: {found['summary']}"))
    return ALLOW if found.get("is_valid") is True else BLOCK


@gate.command("client")
@click.option("--output", type=click.Path(path_type=Path), help="Where to write it; else standard output.")
def client_(output: Path | None) -> None:
    """Write these commands as one file, which needs Python 3.11 and nothing else.

    \b
    Example:
      python -m postmortems gate client --output gate.pyz
      python3 gate.pyz check --service data8 --target prod --artifact sha256:… --confirm-target data8/prod
    """
    # Packing takes modules that asking does not, and a pipeline waits for each.
    from postmortems.cli import gate_bundle

    content = gate_bundle.bundle()
    if output is None:
        sys.stdout.buffer.write(content)
    else:
        output.write_bytes(content)
        output.chmod(0o755)
    click.echo(gate_bundle.digest(content), err=True)
