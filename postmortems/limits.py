"""How much is taken: each limit once, for the servers, the checks, the messages and the guides."""

from __future__ import annotations

MB = 1024 * 1024

# A postmortem with 300 entries is some 200 kB; this is room for what is pasted around it.
BODY = 8 * MB
# A request that brings files. What is larger comes by the command line, or from a repository.
FILES = 64 * MB
# The addresses that take so much.
FILE_PATHS = ("/import", "/api/v1/imports")
# The line and the headers of a request.
HEAD = 64 * 1024
# One report.
REPORT = 10 * MB


def in_mb(size: int) -> str:
    """`64 MB`."""
    return f"{size // MB} MB"


def body_of(path: str) -> int:
    """How many bytes a request to this path may bring."""
    return FILES if path.rstrip("/") in FILE_PATHS else BODY
