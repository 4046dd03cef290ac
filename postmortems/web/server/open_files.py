"""How many connections a server may hold open: no more than the system lets it have of files."""

from __future__ import annotations

import resource

# What is opened besides: the database, calls, files.
OTHERS = 400
FEWEST = 100


def room_for(connections: int) -> int:
    """So many of them fit, after this process was given as many files as it may take itself.

    systemd and container engines give 1024 at first and let a process have more.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + OTHERS
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return connections if soft == resource.RLIM_INFINITY else max(FEWEST, min(connections, soft - OTHERS))
