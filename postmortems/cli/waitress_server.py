"""The Waitress server: its own refusals as problem+json, and a cap on idle connections."""

from __future__ import annotations

import copy
import socket
from typing import Any

from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import TcpWSGIServer
from waitress.task import ErrorTask, ThreadedTaskDispatcher

from postmortems import limits
from postmortems.web.server import refusals
from postmortems.web.watching import request_log

# When so few connections are left, those that have been silent longest are closed.
SPARE = 50
CLOSED_AT_ONCE = 100
LONGEST_LINE = 2048


class Parser(HTTPRequestParser):  # type: ignore[misc]
    """Takes as much as the path of the request may bring, and remembers its first line."""

    adj: Adjustments
    beginning = b""

    def received(self, data: bytes) -> int:
        if len(self.beginning) < LONGEST_LINE:
            self.beginning = (self.beginning + data).lstrip()[:LONGEST_LINE]
        consumed: int = super().received(data)
        return consumed

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        self.adj = copy.copy(self.adj)
        # The limit is the first size that waitress refuses.
        self.adj.max_request_body_size = limits.body_of(self.path) + 1

    @property
    def line(self) -> str:
        return self.beginning.split(b"\n", 1)[0].decode("latin-1").strip()


class Refusing(ErrorTask):  # type: ignore[misc]
    """Waitress' own refusal, as a problem or a page."""

    def execute(self) -> None:
        error = self.request.error
        self.status, headers, body = refusals.answer(error.code, self.request.line)
        self.response_headers.extend(headers)
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)
        request_log.write_refused(self.request.line.partition(" ")[0], error.code, len(body))


class Channel(HTTPChannel):  # type: ignore[misc]
    parser_class = Parser
    error_task_class = Refusing


class Server(TcpWSGIServer):  # type: ignore[misc]
    """Closes idle connections before there is no room for another one."""

    channel_class = Channel

    def readable(self) -> bool:
        if len(self._map) >= self.adj.connection_limit - SPARE:
            self._make_room()
        return bool(super().readable())

    def _make_room(self) -> None:
        idle = [
            channel
            for channel in self.active_channels.values()
            if not (channel.requests or channel.total_outbufs_len or channel.will_close)
        ]
        for channel in sorted(idle, key=lambda one: one.last_activity)[:CLOSED_AT_ONCE]:
            channel.will_close = True


def listen(app: Any, listening: socket.socket, **options: Any) -> Server:
    """A server for `app` on the socket; the options are waitress'."""
    adjusted = Adjustments(sockets=[listening], max_request_header_size=limits.HEAD, **options)
    dispatcher = ThreadedTaskDispatcher()
    dispatcher.set_thread_count(adjusted.threads)
    address = (listening.family, listening.type, listening.proto, listening.getsockname())
    return Server(
        app, None, True, listening, dispatcher=dispatcher, adj=adjusted, sockinfo=address, bind_socket=False
    )
