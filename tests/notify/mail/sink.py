"""A mail server on loopback (aiosmtpd): takes mail as it is told, and keeps what came."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass
class Came:
    """One message: its envelope, and its bytes as they came over the wire."""

    sender: str
    recipients: list[str]
    content: bytes
    was_encrypted: bool
    signed_in: bool

    @property
    def message(self) -> EmailMessage:
        found = message_from_bytes(self.content, policy=policy.default)
        assert isinstance(found, EmailMessage)
        return found


@dataclass
class Sink:
    """A server that is up. What it says to recipients and contents is given in turn, the last for ever."""

    port: int = 0
    recipients: list[str] = field(default_factory=lambda: ["250 OK"])
    contents: list[str] = field(default_factory=lambda: ["250 OK"])
    came: list[Came] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    # The names are aiosmtpd's.

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        said = _next(self.recipients)
        if said.startswith("2"):
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return said

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:
        said = _next(self.contents)
        if said.startswith("2"):
            content = envelope.original_content or b""
            is_in = session.authenticated is True
            came = Came(envelope.mail_from or "", envelope.rcpt_tos, content, session.ssl is not None, is_in)
            self.came.append(came)
        return said


def _next(said: list[str]) -> str:
    return said.pop(0) if len(said) > 1 else said[0]


@contextmanager
def sink(
    *,
    starttls: ssl.SSLContext | None = None,
    tls: ssl.SSLContext | None = None,
    login: tuple[str, str] | None = None,
) -> Iterator[Sink]:
    """A server on a free port; with `login` it takes mail from nobody else."""
    found = Sink()
    loop = asyncio.new_event_loop()

    def may_enter(_server: Any, _session: Any, _envelope: Any, _way: str, data: Any) -> AuthResult:
        is_right = isinstance(data, LoginPassword) and (data.login.decode(), data.password.decode()) == login
        return AuthResult(success=is_right, handled=False)

    def conversation() -> SMTP:
        return SMTP(
            found,
            tls_context=starttls,
            require_starttls=starttls is not None,
            auth_required=login is not None,
            authenticator=may_enter,
            loop=loop,
        )

    # All of it in its thread: where a browser was driven before, this one has a loop of its own that runs.
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def listening() -> asyncio.Server:
        return await loop.create_server(conversation, "127.0.0.1", 0, ssl=tls)

    server = asyncio.run_coroutine_threadsafe(listening(), loop).result()
    found.port = server.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        loop.call_soon_threadsafe(server.close)
        asyncio.run_coroutine_threadsafe(_ended(loop), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _ended(loop: asyncio.AbstractEventLoop) -> None:
    rest = [task for task in asyncio.all_tasks(loop) if task is not asyncio.current_task()]
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
