"""The application for a WSGI server: `gunicorn app:app`, or `flask --app app`."""

import sys

from postmortems.errors import Misconfigured
from postmortems.web.application import create_app

try:
    app = create_app()
except Misconfigured as wrong:
    sys.exit(f"Error: {wrong}")
