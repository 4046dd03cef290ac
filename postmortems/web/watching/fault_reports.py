"""Reports of faults (Sentry): what the log has of a failure, without anything that somebody sent or reads.

A report has the kind of what was raised, where in our code, and the number of the request; its words stay in
the log, as values may stand in them.
"""

from __future__ import annotations

import logging
import platform
from typing import TYPE_CHECKING, Any

from structlog.contextvars import get_contextvars

import postmortems

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint

ENDS_WITHIN_S = 2.0
# All that leaves, of an event and of each frame of its stack.
MEMBERS = ("event_id", "timestamp", "level", "platform", "logger", "release", "server_name", "tags", "sdk")
FRAME = ("filename", "function", "module", "lineno", "in_app")
TAGS = ("request_id", "trace_id", "job")


class FaultReports(logging.Handler):
    """What this process reports. Begin it after a fork: a thread of it sends."""

    def __init__(self, address: str) -> None:
        super().__init__(logging.ERROR)
        from sentry_sdk import Client
        from sentry_sdk.utils import event_from_exception

        self._event_from_exception = event_from_exception
        self._client = Client(
            dsn=address,
            release=f"postmortems@{postmortems.__version__}",
            server_name=platform.node(),
            default_integrations=False,
            auto_enabling_integrations=False,
            auto_session_tracking=False,
            send_client_reports=False,
            include_local_variables=False,
            include_source_context=False,
            max_request_body_size="never",
            max_breadcrumbs=0,
            before_send=reduced,
        )
        logging.getLogger().addHandler(self)

    def end(self) -> None:
        """Send what is left, and report nothing more."""
        logging.getLogger().removeHandler(self)
        self._client.close(timeout=ENDS_WITHIN_S)

    def emit(self, record: logging.LogRecord) -> None:
        """Report a line of the log that has what was raised."""
        if not record.exc_info or record.exc_info[1] is None or record.name.startswith("sentry_sdk"):
            return
        found, hint = self._event_from_exception(
            record.exc_info,
            client_options=self._client.options,
            mechanism={"type": "logging", "handled": True},
        )
        known = get_contextvars()
        found["logger"], found["level"] = record.name, "error"
        found["tags"] = {name: known[name] for name in TAGS if name in known}
        self._client.capture_event(found, hint)


def reduced(event: Event, _hint: Hint) -> Event:
    """The event with what may leave, and nothing else."""
    told: dict[str, Any] = {name: value for name, value in event.items() if name in MEMBERS}
    raised = event.get("exception", {}).get("values", [])
    told["exception"] = {"values": [_raised(one) for one in raised]}
    return told  # type: ignore[return-value]


def _raised(one: dict[str, Any]) -> dict[str, Any]:
    frames = (one.get("stacktrace") or {}).get("frames", [])
    kept = [{name: frame[name] for name in FRAME if name in frame} for frame in frames]
    return {
        "type": one.get("type"),
        "module": one.get("module"),
        "mechanism": {"type": "logging", "handled": True},
        "stacktrace": {"frames": kept},
    }
