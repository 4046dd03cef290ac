"""Postmortems whose action items are tied to deployment guards.

Importing this package costs nothing, so that the gate's client starts fast in a pipeline.
The application is made in `postmortems.web.application`.
"""

__version__ = "0.1.0"
