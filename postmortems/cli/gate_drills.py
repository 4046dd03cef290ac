"""`gate drill`: recorded deploys against today's guards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import click

from postmortems.cli import gate_words
from postmortems.cli.gate_calling import ALLOW, BLOCK, server
from postmortems.cli.gate_client import GateClient, Refused


@click.command()
@click.option("--incident", default="", metavar="SLUG", help="Drill all scenarios of an incident.")
@click.option("--scenario", type=int, metavar="ID", help="Drill one scenario.")
@server
def drill(client: GateClient, incident: str, scenario: int | None) -> int:
    """Replay recorded deploys against today's guards. Exits with 0 when all went as expected, else with 10.

    \b
    Example:
      python -m postmortems gate drill --incident 2018-01-25-accidental-merge-to-prod
    """
    if bool(incident) == (scenario is not None):
        raise Refused("name either --incident or --scenario")
    scenarios = list(_scenarios(client, incident)) if incident else [client.get(f"/scenarios/{scenario}")]
    if not scenarios:
        raise Refused(f"{incident} has no scenarios; record its bad deploy first")
    as_expected = [_drilled(client, one) for one in scenarios]
    return ALLOW if all(as_expected) else BLOCK


def _scenarios(client: GateClient, incident: str) -> Iterator[dict[str, Any]]:
    after = "0"
    while after:
        page = client.get(f"/scenarios?incident={quote(incident, safe='')}&limit=200&after={quote(after)}")
        yield from page["scenarios"]
        after = page["next"]


def _drilled(client: GateClient, scenario: Mapping[str, Any]) -> bool:
    done = client.post(f"/scenarios/{scenario['id']}/drill")
    request = scenario["facts"]["request"]
    named = f"{request['service']}/{request['target']}  {scenario['kind']} deploy: {scenario['name']}"
    is_good = done["is_as_expected"] is True
    verdict = "as expected" if is_good else "NOT as expected"
    click.echo(gate_words.plain(f"{named}  {done['decision']}, {verdict}"))
    for one in done["results"]:
        told = f"{one['guard']} ({one['kind']}, {one['level']}) {gate_words.said(one)}"
        click.echo(f"  {gate_words.mark(one)} {gate_words.plain(told)}")
    return is_good
