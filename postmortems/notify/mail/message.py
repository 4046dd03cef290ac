"""Mail messages: a notice as HTML and text, with the headers that mailers and their readers need."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from functools import lru_cache
from pathlib import Path
from unicodedata import bidirectional

from jinja2 import Environment, FileSystemLoader, Template

from postmortems.notify.notice import Notice, plain

TEMPLATES = Path(__file__).resolve().parents[3] / "templates"
# A header that holds a long address is otherwise wrapped as an encoded word, in which mailers see none.
WIRE = policy.SMTP.clone(max_line_length=998)
# Encoded lines of a body have at most 76 letters (RFC 2045 §6.7), which Python's own policies exceed by two.
BODY = policy.default.clone(max_line_length=76)
LONGEST_SUBJECT = 150
# Letters of Hebrew, of Arabic, and digits as Arabic has them.
FROM_THE_RIGHT = frozenset({"R", "AL", "AN"})


@dataclass(frozen=True, slots=True)
class Envelope:
    """Whom a message is from and to, by which name it is known for good, and when it was made.

    `key` is the same for every repetition: so is the Message-ID, by which a mailer knows it again. `off_url`
    takes the POST of RFC 8058 and shows a page to who opens it; empty where there is nothing to switch off.
    """

    sender: Address
    to: str
    key: str
    at: datetime
    off_url: str = ""
    settings_url: str = ""


def written(notice: Notice, envelope: Envelope) -> bytes:
    """The message as it goes over the wire, with CRLF."""
    message = EmailMessage(policy=BODY)
    for name, value in _headers(notice, envelope).items():
        message[name] = value
    values = {"notice": notice, "envelope": envelope}
    message.set_content(_template("mail.txt").render(values), cte="quoted-printable")
    message.add_alternative(_template("mail.html").render(values), subtype="html", cte="quoted-printable")
    return message.as_bytes(policy=WIRE)


def message_id(key: str, domain: str) -> str:
    """The name of a message by its key."""
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{domain}>"


def _headers(notice: Notice, envelope: Envelope) -> Mapping[str, object]:
    domain = envelope.sender.domain
    headers: dict[str, object] = {
        "Subject": plain(notice.title, LONGEST_SUBJECT),
        "From": envelope.sender,
        "To": Address(addr_spec=envelope.to),
        "Date": format_datetime(envelope.at),
        "Message-ID": message_id(envelope.key, domain),
        # RFC 3834 §5: no absence note answers it.
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
    }
    if notice.thread:
        headers["References"] = message_id(notice.thread, domain)
    if envelope.off_url:
        headers["List-Unsubscribe"] = f"<{envelope.off_url}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


@lru_cache
def _template(name: str) -> Template:
    html = name.endswith(".html")
    found = Environment(
        loader=FileSystemLoader(TEMPLATES / "notify"), autoescape=html, trim_blocks=True, lstrip_blocks=True
    )
    found.filters["isolated"] = isolated
    return found.get_template(name)


def isolated(text: str) -> str:
    """Text that turns no sign around it (UAX #9 §2.4), where it is written from right to left in part."""
    turns = any(bidirectional(letter) in FROM_THE_RIGHT for letter in text)
    return f"\u2068{text}\u2069" if turns else text
