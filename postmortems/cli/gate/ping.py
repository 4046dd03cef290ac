"""`gate ping`: a job reports its start and its end. Its key is all it needs."""

from __future__ import annotations

import re
import subprocess
import sys
import uuid
from typing import BinaryIO

import click

from postmortems.cli.gate import text
from postmortems.cli.gate.client import GateClient, Refused, Unreachable
from postmortems.cli.gate.options import ALLOW, without_token
from postmortems.cli.gate.run_command import KILLED, NOT_FOUND, NOT_RUNNABLE

# What the server keeps of it, in bytes.
LONGEST_BODY = 32 * 1024


@click.command()
@click.argument("key")
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
@click.option("--start", "is_start", is_flag=True, help="The job begins.")
@click.option("--fail", "is_fail", is_flag=True, help="The job has failed.")
@click.option("--exit-status", type=click.IntRange(0, 255), metavar="N", help="How the job ended; 0 is well.")
@click.option("--body-file", type=click.File("rb"), help="What the job printed; - is standard input.")
@without_token
def ping(
    client: GateClient,
    key: str,
    command: tuple[str, ...],
    is_start: bool,
    is_fail: bool,
    exit_status: int | None,
    body_file: BinaryIO | None,
) -> int:
    """Say that a job ended well, or what the options say; or run COMMAND and say how that began and ended.

    With COMMAND the exit code is the command's, whether or not the server could be told.

    \b
    Example:
      python -m postmortems gate ping hb_… -- ./backup.sh
    """
    if not re.fullmatch("[A-Za-z0-9_-]{1,200}", key):
        raise Refused("that is no key of a heartbeat; it comes first, before --")
    said = [is_start, is_fail, exit_status is not None]
    if sum(said) > 1:
        raise Refused("say one of --start, --fail and --exit-status")
    if command:
        if any(said) or body_file is not None:
            raise Refused("a command says itself how it ended: leave the options out")
        return _run(client, key, command)
    suffix = "/start" if is_start else "/fail" if is_fail else ""
    suffix = suffix if exit_status is None else f"/{exit_status}"
    body = body_file.read(LONGEST_BODY) if body_file is not None else b""
    received = client.tell(f"/heartbeats/{key}{suffix}", body).get("received")
    click.echo(text.plain(f"{received}: noted"))
    return ALLOW


def _run(client: GateClient, key: str, command: tuple[str, ...]) -> int:
    """Run the command between two pings that belong together, and return its exit code."""
    mark = f"?rid={uuid.uuid4().hex}"
    _tell(client, f"/heartbeats/{key}/start{mark}")
    code = _ended(command)
    _tell(client, f"/heartbeats/{key}/{code}{mark}")
    return code


def _ended(command: tuple[str, ...]) -> int:
    """The exit code, as a shell would say it."""
    sys.stdout.flush()
    try:
        code = subprocess.run(command, check=False).returncode
    except FileNotFoundError as error:
        click.echo(f"Error: {text.plain(error)}", err=True)
        return NOT_FOUND
    except (OSError, ValueError) as error:
        click.echo(f"Error: {text.plain(error)}", err=True)
        return NOT_RUNNABLE
    return code if code >= 0 else min(KILLED - code, 255)


def _tell(client: GateClient, path: str) -> None:
    """A job is more than what is said of it: it runs even where nobody can be told."""
    try:
        client.tell(path, b"")
    except (Refused, Unreachable) as error:
        click.echo(f"WARNING: the ping did not arrive: {text.plain(error)}", err=True)
