"""How gunicorn runs the application, in any number of processes: `gunicorn -w 4 app:app`."""

from typing import Any

from postmortems import limits
from postmortems.cli import database, one_sentence
from postmortems.config import Settings
from postmortems.db import session as db
from postmortems.web.server import admission
from postmortems.web.watching import process

worker_class = "postmortems.web.server.gunicorn_worker.Worker"
logger_class = "postmortems.web.watching.gunicorn_log.Log"
# Those of one process; see `admission`.
threads = admission.THREADS
worker_connections = 1000
keepalive = 75
# A probe or a question of the gate takes 25 s at most, a PDF 60 s.
timeout = 90
# Whoever is told to stop takes no more and ends what it has taken, a PDF that waited for its turn among it.
# Containers and units wait longer than this.
graceful_timeout = 100
# Most of a head is its headers, most of a line an address.
limit_request_line = 8190
limit_request_field_size = 16 * 1024
limit_request_fields = limits.HEAD // 1024


def on_starting(_server: Any) -> None:
    """Refuse a wrong setting or database in one sentence, before any process begins."""
    try:
        with one_sentence():
            settings = Settings.from_env()
            process.check(settings)
            database.check(settings)
    finally:
        # A connection must not be shared with the processes to come.
        db.disconnect()


def post_worker_init(worker: Any) -> None:
    """Begin what a process has for itself: threads do not outlive a fork."""
    worker.watching = process.Watching(Settings.from_env())


def worker_exit(_server: Any, worker: Any) -> None:
    """Store and send what it has left to tell."""
    if watching := getattr(worker, "watching", None):
        watching.end()
