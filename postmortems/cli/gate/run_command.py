"""`gate run-command`: run the commands that `command` guards ask for, and report how they ended."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from postmortems.cli.gate import text
from postmortems.cli.gate.client import GateClient, Refused
from postmortems.cli.gate.options import ALLOW, BLOCK, artifact, server, this_run

# What a program needs to be found and to run at all; never our token.
ALWAYS = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT")
# As a shell says them.
TOOK_TOO_LONG, NOT_FOUND, NOT_RUNNABLE, KILLED = 124, 127, 126, 128


@click.command("run-command")
@click.option("--service", required=True)
@click.option("--target", required=True, help="The target's name within the service, such as prod.")
@click.option("--artifact", "named", required=True, help="A digest (sha256:…) or a commit.")
@click.option("--guard", default="", metavar="SLUG", help="This guard's command alone; by default all.")
@server
def run_command(client: GateClient, service: str, target: str, named: str, guard: str) -> int:
    """Run what the guards over a target ask for, and report how it ended. Exits with 0 when all ended with 0.

    \b
    Example:
      python -m postmortems gate run-command --service data8 --target prod --artifact sha256:…
    """
    found = client.get(f"/commands?target={quote(f'{service}/{target}', safe='')}")["commands"]
    wanted = [one for one in found if guard in {"", one["guard"]}]
    if guard and not wanted:
        raise Refused(f"no guard {guard} over {service}/{target} asks for a command")
    codes = [
        _run(client, one, {"service": service, "target": target, "artifact": artifact(named)})
        for one in wanted
    ]
    return ALLOW if not any(codes) else BLOCK


def _run(client: GateClient, wanted: Mapping[str, Any], about: Mapping[str, Any]) -> int:
    """Run one command and report its exit code, which is returned."""
    if fingerprint(wanted) != wanted["definition_sha256"]:
        raise Refused(
            f"the command of {wanted['guard']} is not the one that its digest names; nothing was run"
        )
    click.echo(text.plain(f"{wanted['guard']}: {' '.join(wanted['argv'])}"), err=True)
    code = _ended(wanted)
    told = {"guard": wanted["guard"], "definition_sha256": wanted["definition_sha256"], "exit_code": code}
    client.post("/evidence/commands", {**about, **told, **this_run()})
    place = f"{about['service']}/{about['target']}"
    click.echo(text.plain(f"{place}  {wanted['guard']} ended with {code}: noted"))
    return code


def _ended(wanted: Mapping[str, Any]) -> int:
    """The exit code, as a shell would say it."""
    environ = {name: os.environ[name] for name in (*ALWAYS, *wanted["env_allow"]) if name in os.environ}
    here = Path.cwd()
    folder = (here / wanted["cwd"]).resolve()
    if not folder.is_relative_to(here.resolve()):
        raise Refused(f"{wanted['guard']} wants to run outside this folder; nothing was run")
    try:
        code = subprocess.run(
            wanted["argv"], cwd=folder, env=environ, timeout=wanted["timeout_s"], check=False
        ).returncode
    except subprocess.TimeoutExpired:
        return TOOK_TOO_LONG
    except FileNotFoundError:
        return NOT_FOUND
    except OSError:
        return NOT_RUNNABLE
    return code if code >= 0 else min(KILLED - code, 255)


def fingerprint(wanted: Mapping[str, Any]) -> str:
    """The digest of a definition, made as the server makes it."""
    parts = {name: wanted[name] for name in ("argv", "cwd", "env_allow", "timeout_s")}
    plain = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return f"sha256:{hashlib.sha256(plain.encode()).hexdigest()}"
