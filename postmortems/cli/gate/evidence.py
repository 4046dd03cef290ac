"""`gate attest` and `gate deploy`: submit evidence, and report a deploy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, BinaryIO
from urllib.parse import urlencode

import click

from postmortems.cli.gate import text
from postmortems.cli.gate.client import GateClient, Refused
from postmortems.cli.gate.options import ALLOW, artifact, reading, server, this_run

# What the server takes, in bytes.
LARGEST_STATEMENT = 8 * 1024 * 1024


@click.command()
@click.option("--predicate", default="", help="What is attested, such as staging-validated.")
@click.option("--service", required=True)
@click.option("--target", required=True, help="Where it was seen, such as staging.")
@click.option("--artifact", "named", default="", help="A digest (sha256:…) or a commit.")
@click.option("--result", type=click.Choice(["passed", "warned", "failed"]), help="By default passed.")
@click.option(
    "--test", "tests", multiple=True, metavar="NAME=RESULT", help="A test's result, again for each."
)
@click.option("--observed-at", help="When, if not now, such as 2018-01-25T18:40:00-08:00.")
@click.option(
    "--file",
    type=click.File("rb"),
    help="An in-toto statement (test result, SLSA verification summary), as JSON; - is standard input.",
)
@server
def attest(
    client: GateClient,
    predicate: str,
    service: str,
    target: str,
    named: str,
    result: str | None,
    tests: tuple[str, ...],
    observed_at: str | None,
    file: BinaryIO | None,
) -> int:
    """Vouch for an artifact: something was seen and is in order. With --file it is as the statement says.

    \b
    Examples:
      python -m postmortems gate attest --predicate staging-validated \\
        --service data8 --target staging --artifact sha256:…
      python -m postmortems gate attest --file statement.json --service data8 --target staging
    """
    place = {"service": service, "target": target, "predicate": predicate}
    place |= {"observed_at": observed_at} if observed_at else {}
    if file is not None:
        if named or result or tests:
            raise Refused("a statement says itself what was seen: leave --artifact, --result and --test out")
        return _state(client, file, place)
    if not (predicate and named):
        raise Refused("say what is attested (--predicate) and of what (--artifact), or send a --file")
    said = {"subject": artifact(named), "result": result or "passed", "tests": dict(map(_test, tests))}
    client.post("/evidence/attestations", place | said | this_run())
    _note(f"{service}/{target}", named, predicate, said["result"])
    return ALLOW


def _state(client: GateClient, file: BinaryIO, place: Mapping[str, str]) -> int:
    """Send the statement as it is: what is odd about it, the server sees."""
    statement = file.read(LARGEST_STATEMENT + 1)
    if len(statement) > LARGEST_STATEMENT:
        raise Refused(f"the statement is longer than {LARGEST_STATEMENT} bytes")
    kept = client.post(f"/evidence/statements?{urlencode(place)}", statement)
    with reading():
        for one in kept["evidence"]:
            _note(one["target"], one["subject"] or one["sha"], one["predicate"], one["result"])
    return ALLOW


def _note(place: str, named: str, predicate: str, result: Any) -> None:
    click.echo(text.plain(f"{place}  {named}  {predicate} {result}: noted"))


def _test(named: str) -> tuple[str, str]:
    name, mark, result = named.rpartition("=")
    if not mark or not name:
        raise Refused(f"{named!r} names no result; write kernel-starts=passed")
    return name, result


@click.command()
@click.option("--service", required=True)
@click.option("--target", required=True)
@click.option("--artifact", "named", required=True, help="A digest (sha256:…) or a commit.")
@click.option(
    "--outcome", type=click.Choice(["started", "succeeded", "failed", "rolled_back"]), required=True
)
@click.option("--decision", default="", metavar="ID", help="The decision that let it through.")
@server
def deploy(client: GateClient, named: str, decision: str, **body: Any) -> int:
    """Say that a deploy began or ended.

    \b
    Example:
      python -m postmortems gate deploy --service data8 --target prod --artifact sha256:… --outcome succeeded
    """
    body |= {"artifact": artifact(named), "decision_id": decision} | this_run()
    client.post("/evidence/deploys", body)
    click.echo(text.plain(f"{body['service']}/{body['target']}  {named}  {body['outcome']}: noted"))
    return ALLOW
