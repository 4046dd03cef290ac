"""The application for a WSGI server: `gunicorn app:app`, or `flask --app app`."""

from postmortems.web.application import create_app

app = create_app()
