"""The only way out: every call to another machine is made here, to addresses the operator allows."""

from __future__ import annotations


class Egress:
    """Makes calls within the operator's rules; written by the guards helper."""
