"""Resolves host names once and checks every address: one that is forbidden refuses them all.

A part of `egress`, which alone uses it.
"""

from __future__ import annotations

import queue
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

from postmortems.egress import address_rules
from postmortems.egress.address_rules import Address, AddressRule, AddressVerdict
from postmortems.egress.urls import CANNOT_REACH, Refused, Unreachable

LOOK_UP_S = 3.0
LOOK_UPS_AT_ONCE = 64
EVERYWHERE = frozenset({"", "0.0.0.0", "::"})
RESOLVERS = Path("/etc/resolv.conf")

# Host and port to addresses, as text.
Resolver = Callable[[str, int], list[str]]

# The system's resolver takes no time limit, so a look-up may outlive the call that wanted it.
_looking_up = threading.BoundedSemaphore(LOOK_UPS_AT_ONCE)
# Where this process listens, known once it does.
_listening: set[tuple[str, int]] = set()


def listens(host: str, port: int) -> None:
    """Note where this process listens: nothing may be asked there."""
    _listening.add((host, port))


@dataclass(frozen=True, slots=True)
class Rules:
    """The operator's rules, the way to look names up, and this service's own places (`host, port`)."""

    allowed: tuple[AddressRule, ...]
    resolve: Resolver
    own: frozenset[tuple[str, int]] = field(default=frozenset())

    def checked(self, host: str, port: int, deadline: float) -> tuple[list[str], AddressVerdict]:
        """The addresses of `host`, all of them allowed, and why. Raises `Refused`, `Unreachable`."""
        found = self._resolved(host, port, deadline)
        rulings = [self._ruling(host, text, port) for text in found]
        for ruling in rulings:
            if ruling.refusal:
                told = CANNOT_REACH if ruling.is_private else ruling.refusal
                raise Refused(told, f"{host} port {port}: {ruling.refusal}")
        return found, next((ruling for ruling in rulings if ruling.is_private), rulings[0])

    def _ruling(self, host: str, text: str, port: int) -> AddressVerdict:
        try:
            address = ip_address(text)
        except ValueError:
            return AddressVerdict("this is not an address", is_private=True)
        ruling = address_rules.ruling(host, address, port, self.allowed)
        if not ruling.refusal and self._is_own(address, port):
            return AddressVerdict("this is the service itself", is_private=True)
        return ruling

    def _is_own(self, address: Address, port: int) -> bool:
        hosts = {host for host, own in self.own | _listening if own == port}
        return any(str(address) in _addresses(host) or _is_here(str(address), host) for host in hosts)

    def _resolved(self, host: str, port: int, deadline: float) -> list[str]:
        """Look the name up in a thread of its own, for the system's resolver takes no time limit."""
        if _is_address(host):
            return [host]
        answered: queue.SimpleQueue[list[str] | OSError | UnicodeError] = queue.SimpleQueue()

        def look_up() -> None:
            try:
                answered.put(self.resolve(host, port))
            except (OSError, UnicodeError) as wrong:
                answered.put(wrong)
            finally:
                _looking_up.release()

        if not _looking_up.acquire(timeout=max(0.0, deadline - time.monotonic())):
            raise Refused("too many names are being looked up; try again later")
        threading.Thread(target=look_up, daemon=True, name="look-up").start()
        try:
            found = answered.get(timeout=max(0.0, min(LOOK_UP_S, deadline - time.monotonic())))
        except queue.Empty:
            raise Unreachable("the name was not resolved in time") from None
        if isinstance(found, Exception) or not found:
            raise Unreachable("the name is not known")
        return found


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _addresses(host: str) -> list[str]:
    try:
        return look_up(host, 0)
    except (OSError, UnicodeError):
        return []


def _is_here(address: str, host: str) -> bool:
    """Whether the address is this machine's, and `host` listens on all of them or on such a one."""
    if not is_this_machine(address):
        return False
    return host in EVERYWHERE or any(is_this_machine(own) for own in _addresses(host))


def system_server() -> str:
    """The name server that this machine itself asks. Raises `Refused` where it names none."""
    try:
        lines = RESOLVERS.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    named = (line.split()[1] for line in lines if line.startswith("nameserver") and len(line.split()) > 1)
    for server in named:
        return server.partition("%")[0]
    raise Refused("this machine names no name server; give the guard one")


def is_this_machine(address: str) -> bool:
    """Whether this machine has the address: then it lets us listen on it. Sends nothing."""
    try:
        with socket.socket(
            socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM
        ) as trying:
            trying.bind((address, 0))
    except OSError:
        return False
    return True


def look_up(host: str, port: int) -> list[str]:
    """The system's addresses of a name. Raises `OSError` or `UnicodeError`; may hang."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))
