"""The HTTP server of `serve`: its start, its first database and first admin, and its stop."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import click

from postmortems import clock, zone_tables
from postmortems.accounts import operations as accounts_operations
from postmortems.accounts import queries as accounts_queries
from postmortems.accounts import sign_in
from postmortems.actor import Actor
from postmortems.cli import waitress_server
from postmortems.cli.database import connect
from postmortems.config import DEFAULT_URL, Settings
from postmortems.db import session as db
from postmortems.egress import resolver
from postmortems.errors import Misconfigured
from postmortems.vault.encryption import Vault
from postmortems.web.application import create_app
from postmortems.web.server import heap, open_files
from postmortems.web.server.admission import THREADS
from postmortems.web.watching import logs, process

FIRST_ADMIN = "admin"
# The default of 100 is used up by as many slow clients.
CONNECTIONS = 1000
BACKLOG = 1024
# More than the worker gives to what is under way when we are told to stop.
WORKER_ENDS_WITHIN_S = 30
# When a signal that nobody heard is told again.
AGAIN_AFTER_S = 0.05
# How often who only waits looks whether a signal came.
LOOKS_UP_S = 1.0


def serve(settings: Settings, host: str, port: int, *, with_worker: bool) -> None:
    """Listen on `host` and `port` until told to stop; requests in flight are finished then."""
    logs.install(settings.log_format)
    process.check(settings)
    with _listen(host, port) as listening:
        resolver.listens(host, listening.getsockname()[1])
        if settings.url == DEFAULT_URL:
            settings = replace(settings, url=_url(host, listening.getsockname()[1]))
        _serve_on(listening, settings, with_worker=with_worker)


def _serve_on(listening: socket.socket, settings: Settings, *, with_worker: bool) -> None:
    connect(settings)
    welcome = _welcome(settings)
    server = waitress_server.listen(
        create_app(settings),
        listening,
        threads=THREADS,
        connection_limit=open_files.room_for(CONNECTIONS),
        # Beyond 1024 connections select() no longer works.
        asyncore_use_poll=True,
        # It is ProxyFix that knows which of these headers to believe.
        clear_untrusted_proxy_headers=settings.trusted_proxies == 0,
        ident="postmortems",
    )
    watching = process.Watching(settings)
    background = _Background(settings) if with_worker else None
    # Whoever stops us before the server runs, too, gives the worker its time.
    with _until_told():
        if background is not None:
            background.start()
        heap.settle()
        click.echo(f"Postmortems is at {settings.url} (Ctrl-C stops it).")
        click.echo(f"{welcome}\nIt has the {zone_tables.tables}.")
        server.run()
    if background is not None:
        background.end()
    watching.end()
    _leave()


def work(settings: Settings) -> None:
    """Do the background work until told to stop."""
    logs.install(settings.log_format)
    process.check(settings)
    connect(settings)
    watching = process.Watching(settings)
    background = _Background(settings)
    with _until_told():
        background.start()
        heap.settle()
        click.echo(f"The worker is running (Ctrl-C stops it). It has the {zone_tables.tables}.")
        # A signal of the moment before a wait does not end it, nor does one that another thread takes.
        while not background.ended.wait(LOOKS_UP_S):
            pass
    background.end()
    watching.end()
    _leave()


def _listen(host: str, port: int) -> socket.socket:
    """A listening socket, so that a taken port is known before anything else happens."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address[:2], family=family, backlog=BACKLOG)
    except OSError as error:
        # The error's own words repeat the address, except of an unknown host, which has no positive number.
        is_of_the_system = error.errno is not None and error.errno > 0
        reason = os.strerror(error.errno or 0) if is_of_the_system else error.strerror or str(error)
        raise Misconfigured(
            f"cannot listen on {host} port {port}: {reason.lower()}; "
            "choose another with --port, or with `make run PORT=…`"
        ) from None


def _url(host: str, port: int) -> str:
    everywhere = host in {"0.0.0.0", "::", ""}
    return f"http://{'127.0.0.1' if everywhere else host}:{port}"


def _welcome(settings: Settings) -> str:
    """How to sign in. The first start on the embedded database also fills it."""
    with db.reading():
        is_new = not accounts_queries.has_accounts()
    if is_new and settings.is_embedded:
        # Only the first start needs it, and the others should be quick.
        from postmortems import demo

        with db.transaction():
            user = accounts_operations.add_user(FIRST_ADMIN, "admin", actor=Actor.system("first start"))
            secret = sign_in.make_sign_in_link(user, clock.now(), actor=Actor.system("first start"))
        with db.transaction():
            demo.load(Actor.system("first start"), Vault(settings))
        return f"Sign in as {FIRST_ADMIN}, once, within the hour: {settings.url}/sign-in/link/{secret}"
    if is_new:
        return (
            f"There are no accounts yet: `{_ourselves(settings)} users add NAME --role admin`, "
            f"then `{_ourselves(settings)} users link NAME`."
        )
    return f"To sign in without a password: `{_ourselves(settings)} users link NAME` prints a link."


def _ourselves(settings: Settings) -> str:
    """How this program is called again from here: by this Python, and for the port we listen on."""
    python, here = Path(sys.executable), Path.cwd()
    command = f"{python.relative_to(here) if python.is_relative_to(here) else python} -m postmortems"
    is_known = settings.url == Settings.from_env().url
    return command if is_known else f"POSTMORTEMS_URL={settings.url} {command}"


@contextmanager
def _until_told() -> Iterator[None]:
    """Do this until a signal says that we are to end, and then go on behind it."""

    def end(_signal: int, _frame: FrameType | None) -> NoReturn:
        # waitress finishes the requests in flight when it meets this, and drops them on a plain SIGTERM.
        sys.exit(0)

    def dropped(said: Any) -> None:
        # What is raised while Python removes an object, as `settle` lets it do to many, is not heard there.
        if isinstance(said.exc_value, SystemExit | KeyboardInterrupt):
            signal.setitimer(signal.ITIMER_REAL, AGAIN_AFTER_S)
        else:
            usual(said)

    for number in (signal.SIGTERM, signal.SIGALRM):
        signal.signal(number, end)
    usual, sys.unraisablehook = sys.unraisablehook, dropped
    with suppress(SystemExit, KeyboardInterrupt):
        yield
    sys.unraisablehook = usual
    signal.setitimer(signal.ITIMER_REAL, 0)


def _leave() -> None:
    """End this process, whatever its threads still wait for."""
    if threading.active_count() > 1:
        # Python would wait for those of pools without an end. They bear being cut off as by kill -9.
        logging.shutdown()
        sys.stdout.flush()
        os._exit(0)


class _Background:
    """The worker in a thread of this process. `ended` is set once it is over.

    Not `Thread.join`: where a signal interrupts that, Python 3.11 takes the thread for ended.
    """

    def __init__(self, settings: Settings) -> None:
        from postmortems import worker

        self.ended, self._stop = threading.Event(), threading.Event()

        def run() -> None:
            try:
                worker.run(settings, self._stop)
            finally:
                self.ended.set()

        self._thread = threading.Thread(target=run, name="worker", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def end(self) -> None:
        """Let the worker end what it can."""
        self._stop.set()
        if self._thread.is_alive():
            self.ended.wait(WORKER_ENDS_WITHIN_S)
