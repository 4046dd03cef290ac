"""`gate drill`: replay recorded deploys against today's guards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import click

from postmortems.cli.gate import text
from postmortems.cli.gate.client import GateClient, Refused, Unreachable
from postmortems.cli.gate.options import ALLOW, BLOCK, server


@click.command()
@click.option("--incident", default="", metavar="SLUG", help="Drill all scenarios of an incident.")
@click.option("--scenario", type=int, metavar="ID", help="Drill one scenario.")
@click.option("--live", is_flag=True, help="Ask the gate itself for the bad deploys, marked as drills.")
@server
def drill(client: GateClient, incident: str, scenario: int | None, live: bool) -> int:
    """Replay recorded deploys against today's guards. Exits with 0 when all went as expected, else with 10.

    A live drill goes the way that a pipeline goes, by the same door, and is answered as a pipeline would be
    now; it lets nothing through and counts as no decision. It takes the scopes read, write and gate:read.

    \b
    Example:
      python -m postmortems gate drill --incident 2018-01-25-accidental-merge-to-prod
      python -m postmortems gate drill --live --scenario 2
    """
    if bool(incident) == (scenario is not None):
        raise Refused("name either --incident or --scenario")
    scenarios = list(_scenarios(client, incident)) if incident else [client.get(f"/scenarios/{scenario}")]
    if not scenarios:
        raise Refused(f"{incident} has no scenarios; record its bad deploy first")
    if live and incident:
        scenarios = [one for one in scenarios if one["kind"] == "bad"]
        if not scenarios:
            raise Refused(f"{incident} has no bad deploy to ask for; record it first")
    as_expected = [_asked(client, one) if live else _drilled(client, one) for one in scenarios]
    return ALLOW if all(as_expected) else BLOCK


def _scenarios(client: GateClient, incident: str) -> Iterator[dict[str, Any]]:
    after = "0"
    while after:
        page = client.get(f"/scenarios?incident={quote(incident, safe='')}&limit=200&after={quote(after)}")
        yield from page["scenarios"]
        after = page["next"]


def _drilled(client: GateClient, scenario: Mapping[str, Any]) -> bool:
    done = client.post(f"/scenarios/{scenario['id']}/drill")
    is_good = done["is_as_expected"] is True
    _tell(scenario, done["decision"], "as expected" if is_good else "NOT as expected", done["results"])
    return is_good


def _asked(client: GateClient, scenario: Mapping[str, Any]) -> bool:
    """The same at the gate's own door: the very request, marked as a drill."""
    request = {**scenario["facts"]["request"], "drill": scenario["id"], "dry_run": True}
    answer = client.post("/gate/decisions", request)
    if not answer["id"]:
        raise Unreachable(f"the gate could not decide: {answer['reasons'][0]['summary']}")
    is_good: bool = answer["decision"] == "block"
    verdict = "as expected" if is_good else "NOT stopped now"
    _tell(scenario, answer["decision"], f"live, {verdict} ({answer['id']})", answer["guards"])
    return is_good


def _tell(
    scenario: Mapping[str, Any], decision: str, verdict: str, results: Sequence[Mapping[str, Any]]
) -> None:
    request = scenario["facts"]["request"]
    named = f"{request['service']}/{request['target']}  {scenario['kind']} deploy: {scenario['name']}"
    click.echo(text.plain(f"{named}  {decision}, {verdict}"))
    for one in results:
        told = f"{one['guard']} ({one['kind']}, {one['level']}) {text.said(one)}"
        click.echo(f"  {text.mark(one)} {text.plain(told)}")
