"""Whole answers: head and body of a short one leave by one call and in one packet.

Gunicorn sends a head as soon as it is made, and then the body: twice the work for the system, and a client
that has read the head is put to sleep and woken again for the rest.
"""

from __future__ import annotations

import re
from typing import Any

# A head without it belongs to a body that comes bit by bit, or to none: neither is waited for.
LENGTH = re.compile(rb"HTTP/[^\n]*\r\n(?:[^\n]+\r\n)*?content-length:", re.IGNORECASE)
# Putting more together costs more than it saves.
LONGEST_BODY = 64 * 1024


class AnswerSocket:
    """A connection's socket for one answer. Whoever is done with the answer calls `flush`."""

    def __init__(self, sock: Any) -> None:
        self._sock = sock
        self._head = b""
        self._has_begun = False

    def sendall(self, data: bytes) -> None:
        if not self._has_begun:
            # What comes before the answer's own head, such as hints, has no length.
            self._has_begun = LENGTH.match(data) is not None
            if self._has_begun:
                self._head = data
                return
        head, self._head = self._head, b""
        if head and len(data) > LONGEST_BODY:
            self._sock.sendall(head)
            head = b""
        self._sock.sendall(head + data if head else data)

    def sendfile(self, *file: Any, **part: Any) -> Any:
        self.flush()
        return self._sock.sendfile(*file, **part)

    def flush(self) -> None:
        """Send the head of an answer whose body is empty."""
        head, self._head = self._head, b""
        if head:
            self._sock.sendall(head)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)
