"""`gate attest` and `gate deploy`: a pipeline says what it saw and what it did."""

from __future__ import annotations

from typing import Any

import click

from postmortems.cli import gate_formats
from postmortems.cli.gate_calling import ALLOW, artifact, server, this_run
from postmortems.cli.gate_client import GateClient, Refused


@click.command()
@click.option("--predicate", required=True, help="What is attested, such as staging-validated.")
@click.option("--service", required=True)
@click.option("--target", required=True, help="Where it was seen, such as staging.")
@click.option("--artifact", "named", required=True, help="A digest (sha256:…) or a commit.")
@click.option("--result", type=click.Choice(["passed", "warned", "failed"]), default="passed")
@click.option(
    "--test", "tests", multiple=True, metavar="NAME=RESULT", help="A test's result, again for each."
)
@click.option("--observed-at", help="When, if not now, such as 2018-01-25T18:40:00-08:00.")
@server
def attest(
    client: GateClient, named: str, tests: tuple[str, ...], observed_at: str | None, **body: Any
) -> int:
    """Vouch for an artifact: something was seen and is in order.

    \b
    Example:
      python -m postmortems gate attest --predicate staging-validated \\
        --service data8 --target staging --artifact sha256:…
    """
    body["subject"] = artifact(named)
    body["tests"] = dict(_test(one) for one in tests)
    body |= this_run()
    if observed_at:
        body["observed_at"] = observed_at
    client.post("/evidence/attestations", body)
    place = f"{body['service']}/{body['target']}"
    click.echo(gate_formats.plain(f"{place}  {named}  {body['predicate']} {body['result']}: noted"))
    return ALLOW


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
    click.echo(gate_formats.plain(f"{body['service']}/{body['target']}  {named}  {body['outcome']}: noted"))
    return ALLOW
