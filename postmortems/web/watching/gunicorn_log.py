"""Gunicorn's log, written as ours is. Named by `gunicorn.conf.py`, and by nothing else."""

from __future__ import annotations

from typing import Any

from gunicorn.glogging import Logger

from postmortems.config import Settings
from postmortems.errors import Misconfigured
from postmortems.web.watching import logs

# Behind these words gunicorn repeats what a client sent: its line, with path and query.
REPEATING = ("Error handling request", "Invalid request from ip=")


class Log(Logger):
    """What gunicorn says of itself; the lines about requests are ours."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        style = _style()
        for log in (self.error_log, self.access_log):
            for handler in log.handlers:
                if getattr(handler, "_gunicorn", False):
                    handler.setFormatter(logs.formatter(style))

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: Any) -> None:
        """Nothing: `request_log` writes the lines, without paths and queries."""

    def warning(self, msg: Any, *args: Any, **kwargs: Any) -> None:
        super().warning(*_short(msg, args), **kwargs)

    def exception(self, msg: Any, *args: Any, **kwargs: Any) -> None:
        super().exception(*_short(msg, args), **kwargs)


def _short(msg: Any, args: tuple[Any, ...]) -> tuple[Any, ...]:
    for words in REPEATING:
        if isinstance(msg, str) and msg.startswith(words):
            # Of a request that could not be read, the client's address stands before the colon.
            return (msg.partition(": ")[0] if not args else words,)
    return (msg, *args)


def _style() -> str:
    try:
        return Settings.from_env().log_format
    except Misconfigured:
        # `on_starting` says so in a moment.
        return logs.TEXT
