"""The application for a WSGI server: `gunicorn app:app`, or `flask --app app run`."""

import os

from postmortems.web.server import heap
from postmortems.web.watching import logs

heap.load()

from postmortems.cli import one_sentence  # noqa: E402
from postmortems.config import Settings  # noqa: E402
from postmortems.web.application import create_app  # noqa: E402

with one_sentence():
    settings = Settings.from_env()
    logs.install(settings.log_format)
    # Gunicorn has looked already; and a process may take the place of another while the database is away.
    if not os.environ.get("SERVER_SOFTWARE", "").startswith("gunicorn/"):
        from postmortems.cli import database

        database.check(settings)
    app = create_app(settings)
heap.settle()
