"""Options that all `gate` commands share: server, token, exit codes, what the pipeline says of itself."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from typing import Any

import click

from postmortems.cli.gate import ci_identity, text
from postmortems.cli.gate.client import GateClient, Refused, Unreachable
from postmortems.formats import artifact_ids

ALLOW, WARNED, BLOCK, WAITED, FAILED, UNREACHABLE, MISCONFIGURED = 0, 3, 10, 11, 12, 20, 21
OURS = ("POSTMORTEMS_TOKEN", "POSTMORTEMS_URL", "POSTMORTEMS_INCIDENT")
# Where the server's settings are near ours.
SERVERS = ("POSTMORTEMS_CONTROL_URL",)
SPANS = {"s": 1, "m": 60, "h": 3600}


class Span(click.ParamType[float]):
    """A length of time such as `15m`, in seconds."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        found = re.fullmatch(r"(\d{1,6})([smh])", str(value))
        if found is None:
            self.fail(f"{value!r} is no length of time; write 30s, 15m or 1h", param, ctx)
        return float(int(found[1]) * SPANS[found[2]])


def server(command: Callable[..., int]) -> Callable[..., None]:
    """A command that talks to the server: gets a `client`, and its result is the exit code."""

    @click.option("--token", envvar="POSTMORTEMS_TOKEN", default="", help="Better: POSTMORTEMS_TOKEN.")
    @wraps(command)
    def bound(url: str, token: str, **options: Any) -> int:
        return command(client=GateClient(url, ci_identity.token(token, url, os.environ)), **options)

    return _ending(bound)


def without_token(command: Callable[..., int]) -> Callable[..., None]:
    """The same for what needs no token."""

    @wraps(command)
    def bound(url: str, **options: Any) -> int:
        return command(client=GateClient(url, None), **options)

    return _ending(bound)


def _ending(command: Callable[..., int]) -> Callable[..., None]:
    """Ends with the command's exit code, or with what its failure means."""

    @click.option("--url", envvar="POSTMORTEMS_URL", default="", help="The server; or POSTMORTEMS_URL.")
    @wraps(command)
    def bound(url: str, **options: Any) -> None:
        try:
            _refuse_nearly_named(os.environ)
            if not url:
                raise Refused("there is no server's address: set POSTMORTEMS_URL")
            code = command(url=url, **options)
        except Refused as refused:
            click.echo(f"Error: {text.plain(refused)}", err=True)
            code = MISCONFIGURED
        except Unreachable as unreachable:
            click.echo(f"Error: {text.plain(unreachable)}", err=True)
            code = UNREACHABLE
        sys.exit(code)

    return bound


def _refuse_nearly_named(environ: Mapping[str, str]) -> None:
    """Refuse a variable meant for one of ours. Other names are the server's, or the pipeline's own."""
    for name in sorted(environ):
        if not name.startswith("POSTMORTEMS_") or name in OURS or name in SERVERS:
            continue
        import difflib  # Seldom needed, and not quick to load.

        if meant := difflib.get_close_matches(name[12:], [one[12:] for one in OURS], 1, 0.6):
            raise Refused(f"there is no setting {name}; did you mean POSTMORTEMS_{meant[0]}?")


@contextmanager
def reading() -> Iterator[None]:
    """Read an answer. One that is not made as it should be is none: raises `Unreachable`."""
    try:
        yield
    except (AttributeError, KeyError, TypeError, ValueError) as broken:
        raise Unreachable(f"the gate's answer cannot be read: {type(broken).__name__}") from broken


def typed(command: str) -> str:
    """How a person calls a command of `gate`, as the one that runs was called."""
    context = click.get_current_context()
    return f"{(context.parent or context).command_path} {command}"


def artifact(named: str) -> dict[str, str]:
    """`sha256:…` is a digest, bare hexadecimal a commit. Raises `BadParameter` for what can be moved."""
    try:
        return artifact_ids.named(named) if named else {}
    except ValueError as wrong:
        raise click.BadParameter(str(wrong), param_hint="--artifact") from wrong


def surroundings(environ: Mapping[str, str]) -> dict[str, Any]:
    """Who runs this, and where, for the pipelines that say so."""
    if environ.get("GITHUB_ACTIONS") == "true":
        place = f"{environ.get('GITHUB_SERVER_URL', '')}/{environ.get('GITHUB_REPOSITORY', '')}"
        number = environ.get("GITHUB_RUN_ID", "")
        attempt = environ.get("GITHUB_RUN_ATTEMPT", "1")
        run = {"provider": "github", "id": number, "url": f"{place}/actions/runs/{number}"}
        run["attempt"] = int(attempt) if attempt.isdecimal() else 1  # type: ignore[assignment]
        return {"run": run, "actor": environ.get("GITHUB_ACTOR", "")}
    if environ.get("GITLAB_CI") == "true":
        run = {"provider": "gitlab", "id": environ.get("CI_JOB_ID", ""), "url": environ.get("CI_JOB_URL", "")}
        return {"run": run, "actor": environ.get("GITLAB_USER_LOGIN", "")}
    if environ.get("JENKINS_URL") and environ.get("BUILD_TAG"):
        # Who pressed the button, Jenkins does not say.
        run = {"provider": "jenkins", "id": environ["BUILD_TAG"], "url": environ.get("BUILD_URL", "")}
        return {"run": run}
    return {}


def this_run() -> dict[str, Any]:
    """The run alone, as evidence carries it."""
    return {name: value for name, value in surroundings(os.environ).items() if name == "run"}
