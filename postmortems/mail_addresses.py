"""Mail addresses: which are taken, how they go over the wire, and where mail is handed in. Pure.

An address is what nearly all servers take (RFC 5321 §4.1.2): letters of English before the @, for others need
a server that speaks SMTPUTF8; a domain may have any letters, as it goes over the wire in those of English
(RFC 5890).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

import idna

if TYPE_CHECKING:
    from email.headerregistry import Address

LONGEST = 254
LONGEST_LOCAL = 64
# RFC 5322 §3.2.3: what stands before the @ without quotes.
LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
SENDER = re.compile(
    r"(?P<name>[^<>\"]{1,100}|\"[^<>\"]{1,100}\")\s*<(?P<spec>[^<>\s]+)>|<?(?P<bare>[^<>\s,;]+)>?"
)
LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
PORTS = {"": 25, "starttls": 587, "tls": 465}
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
YES, NO = frozenset({"true", "1", "yes"}), frozenset({"false", "0", "no"})


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in. `tls` is "" for none, `starttls`, or `tls` from the first byte."""

    host: str
    port: int
    tls: str = ""
    user: str = ""
    password: str = field(default="", repr=False)


def checked(text: str) -> str:
    """The address as it is written into an envelope, its domain in letters of English.

    Raises `ValueError` with what to do.
    """
    local, mark, domain = text.strip().rpartition("@")
    if not mark or not local or not domain:
        raise ValueError("write an address such as ada@example.org")
    if not local.isascii():
        raise ValueError("before the @ only letters of English reach every server; take another address")
    if not LOCAL.fullmatch(local) or len(local) > LONGEST_LOCAL:
        raise ValueError("what stands before the @ is no name of a mailbox; write it as ada@example.org")
    found = f"{local}@{_domain(domain)}"
    if len(found) > LONGEST:
        raise ValueError(f"an address has at most {LONGEST} characters")
    return found


def _domain(text: str) -> str:
    try:
        wire = text.lower() if text.isascii() else idna.encode(text, uts46=True).decode("ascii")
    except idna.IDNAError:
        raise ValueError("what stands behind the @ is no domain; write it as ada@example.org") from None
    labels = wire.split(".")
    if not all(map(LABEL.fullmatch, labels)) or labels[-1].isdecimal():
        raise ValueError("what stands behind the @ is no domain; write it as ada@example.org")
    return wire


def sender(text: str) -> Address:
    """`Postmortems <postmortems@example.org>`, or the address alone. Raises `ValueError`."""
    match = SENDER.fullmatch(text.strip())
    if match is None or not text.isprintable():
        raise ValueError("write one address, such as Postmortems <postmortems@example.org>")
    # Here: every command reads the settings, and few of them send mail.
    from email.headerregistry import Address

    if match["bare"]:
        return Address(addr_spec=checked(match["bare"]))
    return Address(match["name"].strip(' "'), addr_spec=checked(match["spec"]))


def server(url: str) -> MailServer:
    """`smtp://user:password@host:587?starttls=true`, or `smtps://…` for TLS from the first byte.

    A password goes over no wire in clear, except to this machine. Raises `ValueError`, repeating nothing of
    what may be secret.
    """
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
        # What looks like a port, query or fragment may be a password with such signs in it.
        is_whole = not parts.fragment and "@" not in parts.query and parts.path in {"", "/"} and port != 0
    except ValueError:
        raise _misread() from None
    if parts.scheme not in {"smtp", "smtps"} or not host or not is_whole or not url.isprintable():
        raise _misread()
    tls = _tls(parts.scheme, parts.query)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if bool(user) != bool(password):
        raise ValueError(
            "name both user and password, or neither: smtp://user:password@host:587?starttls=true"
        )
    if password and not tls and host not in LOOPBACK:
        raise ValueError(
            "it would send the password in clear: add ?starttls=true, or write smtps:// for a port with TLS"
        )
    return MailServer(_host(host), port or PORTS[tls], tls, user, password)


def _tls(scheme: str, query: str) -> str:
    options = dict(parse_qsl(query, keep_blank_values=True))
    asked = options.pop("starttls", "false").lower()
    if options or asked not in YES | NO:
        raise ValueError("behind its ? there may be starttls=true and nothing else")
    if scheme == "smtps":
        if asked in YES:
            raise ValueError(
                "smtps:// has TLS from the first byte: leave ?starttls=true out, or write smtp://"
            )
        return "tls"
    return "starttls" if asked in YES else ""


def _host(host: str) -> str:
    if host.isascii():
        return host
    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except idna.IDNAError:
        raise _misread() from None


def _misread() -> ValueError:
    return ValueError(
        "write it as smtp://user:password@host:587?starttls=true, with signs such as @, /, ? and # in the "
        "password as %40, %2F, %3F and %23"
    )
