"""Logs: what our processes write to standard error, as text for a terminal or as one JSON object a line."""

from __future__ import annotations

import logging
import re
import traceback
from typing import Any

import structlog
from sqlalchemy.exc import DBAPIError
from structlog.typing import EventDict, ProcessorReturnValue

TEXT, JSON = STYLES = ("text", "json")
INDENT = "    "
# One line for each request; only JSON has them, as a terminal shows what is wrong and nothing else.
REQUESTS = "postmortems.requests"
# What a line about a request may say, and nothing else: see `request_log`.
FIELDS = ("request_id", "method", "route", "status", "duration_ms", "bytes", "actor_kind", "actor_id")
# Secrets that stand in an address or are recognised by their first letters, should a library write one.
SECRETS = re.compile(
    r"(?P<before>\bpm_|/sign-in/link/|/feeds/|/heartbeats/|/notifications/(?:off|confirm)/)[\w.~%-]+"
)
# Where PostgreSQL repeats values.
REPEATS = re.compile(r"^(?:DETAIL|CONTEXT|HINT|LINE \d+): .*\n?(?:^ *\^ *$\n?)?", re.MULTILINE)


class Standard(logging.StreamHandler[Any]):
    """Standard error, as we write it."""


def install(style: str) -> None:
    """Let this process write its log in this style."""
    root = logging.getLogger()
    root.handlers[:] = [handler for handler in root.handlers if not isinstance(handler, Standard)]
    handler = Standard()
    handler.setFormatter(formatter(style))
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger(REQUESTS).setLevel(logging.INFO if style == JSON else logging.WARNING)


def formatter(style: str) -> logging.Formatter:
    """How a line is written, whichever library logs it."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ExtraAdder(allow=FIELDS),
            structlog.processors.TimeStamper(fmt="iso", key="time"),
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _with_traceback,
            _without_secrets,
            structlog.processors.JSONRenderer(ensure_ascii=False) if style == JSON else _as_text,
        ],
    )


def _with_traceback(_logger: Any, _method: str, line: EventDict) -> EventDict:
    """What was raised, without what a database repeats of values."""
    raised = line.pop("exc_info", None)
    if raised and raised[1] is not None:
        line["exception"] = "".join(traceback.format_exception(raised[1])).rstrip()
        if _is_of_database(raised[1]):
            line["exception"] = REPEATS.sub("", line["exception"])
    return line


def _is_of_database(raised: BaseException | None) -> bool:
    while raised is not None:
        if isinstance(raised, DBAPIError):
            return True
        raised = raised.__cause__ or raised.__context__
    return False


def _without_secrets(_logger: Any, _method: str, line: EventDict) -> EventDict:
    for name in ("event", "exception"):
        if isinstance(said := line.get(name), str):
            line[name] = SECRETS.sub(r"\g<before>…", said)
    return line


def _as_text(_logger: Any, _method: str, line: EventDict) -> ProcessorReturnValue:
    asked = f" (request {line['request_id']})" if "request_id" in line else ""
    # Set in, so that what an exception says after a line break does not look like a line of its own.
    raised = "".join(f"\n{INDENT}{_shown(part)}" for part in line.get("exception", "").split("\n") if part)
    return f"{str(line['level']).upper()} {line['logger']}: {_shown(str(line['event']))}{asked}{raised}"


def _shown(text: str) -> str:
    """Without signs that begin a line or speak to a terminal: what a client sent may be among it."""
    return (
        text if text.isprintable() else "".join(one if one.isprintable() else repr(one)[1:-1] for one in text)
    )
