"""A process as it is watched: begun when it is there, after a fork, and ended before it ends."""

from __future__ import annotations

from contextlib import ExitStack
from importlib.util import find_spec

from postmortems.config import Settings
from postmortems.errors import Misconfigured
from postmortems.jobs import counts
from postmortems.web.watching import rates

INSTALL = "install it by `pip install --require-hashes -r requirements-watch.txt`, or unset the variable"


class Watching:
    """What a process has to tell of itself while it runs."""

    def __init__(self, settings: Settings) -> None:
        with ExitStack() as ends:
            ends.callback(counts.Flushing().end)
            if settings.limits_percent:
                ends.callback(rates.Sharing().end)
            if settings.traces_url:
                from postmortems.web.watching.traces import Traces

                ends.callback(Traces(settings.traces_url).end)
            if settings.sentry_dsn:
                from postmortems.web.watching.fault_reports import FaultReports

                ends.callback(FaultReports(settings.sentry_dsn).end)
            self._ends = ends.pop_all()

    def end(self) -> None:
        self._ends.close()


def check(settings: Settings) -> None:
    """Raise `Misconfigured` where a setting needs what is not installed."""
    if settings.traces_url and not _is_there("opentelemetry.exporter.otlp.proto.http"):
        raise Misconfigured(f"POSTMORTEMS_TRACES_URL is set, and OpenTelemetry is not installed; {INSTALL}")
    if settings.sentry_dsn and not _is_there("sentry_sdk"):
        raise Misconfigured(f"POSTMORTEMS_SENTRY_DSN is set, and its library is not installed; {INSTALL}")


def _is_there(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False
