"""Ports on loopback for servers that have to be told one before they listen."""

import random
import socket
from contextlib import closing

# Below those that the system gives to connections (32,768 and up on Linux): what is free there a moment ago
# may be the near end of somebody's connection by now, and `bind` then fails.
LOWEST, BEYOND = 10_000, 30_000


def free_port() -> int:
    """A port of 127.0.0.1 that nobody had over TCP or UDP when it was looked for."""
    while True:
        port = random.SystemRandom().randrange(LOWEST, BEYOND)
        if _is_free(port):
            return port


def _is_free(port: int) -> bool:
    try:
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            with closing(socket.socket(socket.AF_INET, kind)) as probe:
                probe.bind(("127.0.0.1", port))
    except OSError:
        return False
    return True
