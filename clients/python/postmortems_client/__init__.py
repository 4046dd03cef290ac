"""A client of the postmortem service: calls as values, sent by a client that waits or one for asyncio."""

from postmortems_client import calls, errors, models
from postmortems_client.call import Call, File, Listing, Text
from postmortems_client.client import AsyncClient, Client
from postmortems_client.errors import PostmortemsError, Refused, Unreachable
from postmortems_client.exchange import VERSION, Answer, Patience

__all__ = [
    "Answer",
    "AsyncClient",
    "Call",
    "Client",
    "File",
    "Listing",
    "Patience",
    "PostmortemsError",
    "Refused",
    "Text",
    "Unreachable",
    "calls",
    "errors",
    "models",
]
__version__ = VERSION
