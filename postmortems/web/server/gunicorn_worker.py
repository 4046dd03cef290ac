"""Gunicorn's threaded worker: none of its threads waits for an idle client.

Named by `gunicorn.conf.py`, and by nothing else.
"""

from __future__ import annotations

import errno
import threading
import time
from functools import partial
from selectors import EVENT_READ
from typing import Any, NamedTuple

from gunicorn.workers import gthread
from gunicorn.workers.gthread import TConn, ThreadWorker

from postmortems import limits
from postmortems.web.server import open_files, refusals
from postmortems.web.server.whole_answers import AnswerSocket
from postmortems.web.watching import request_log

# How long a client may take for its head, and how long we wait for the next part of a body.
HEAD_S, SILENT_S = float(limits.HEAD_WITHIN_S), float(limits.SILENT_S)
# The same once this process is to end: behind a proxy a head comes in whole.
LAST_HEAD_S = 3.0
# So long idle connections are kept then: longer than the proxy keeps them. Whoever closes one may cut off
# what the other is just sending, and only a proxy knows that it sends nothing.
LAST_IDLE_S = 5.0
SPARE = 50
CLOSED_AT_ONCE = 100
gthread.STOP_KEEPALIVE_LINGER = LAST_IDLE_S
END_OF_HEAD = (b"\r\n\r\n", b"\n\n")


class Connection(TConn):
    """Remembers what came of a head before a thread was needed."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.came = b""
        self.line = ""

    def init(self) -> None:
        super().init()
        if self.came and not self.is_http2:
            self.parser.unreader.unread(self.came)
            self.line = self.came.lstrip().split(b"\n", 1)[0].decode("latin-1").strip()
        self.came = b""
        # Last, as a thread that begins anew makes the socket wait for ever.
        self.sock.settimeout(SILENT_S)


class Worker(ThreadWorker):
    """A process of gunicorn."""

    alive: bool

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._served = threading.local()
        self.worker_connections = open_files.room_for(self.cfg.worker_connections)
        self.max_keepalived = self.worker_connections - self.cfg.threads

    def accept(self, listener: Any) -> None:
        """Take a connection; it gets a thread when its request's head is there."""
        try:
            client, address = listener.accept()
        except OSError as error:
            if error.errno in (errno.EMFILE, errno.ENFILE):
                # More is open besides than was left room for, or others have all that this machine has.
                self._make_room()
            elif error.errno not in (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK):
                raise
            return
        self.nr_conns += 1
        connection = Connection(self.cfg, client, address, listener.getsockname())
        if self.cfg.is_ssl:
            self.enqueue_req(connection)
            return
        self._await_head(connection)

    def set_accept_enabled(self, enabled: bool) -> None:
        """Begin or stop to take connections; the last time also those that wait, and then no more."""
        super().set_accept_enabled(enabled)
        if self.alive or enabled:
            return
        # The system goes on to connect whoever comes for as long as the socket listens: nobody would read
        # what they send, and a proxy must not send it again to another process.
        for listener in self.sockets:
            self._take_all(listener)
            listener.close()
        ends = time.monotonic() + LAST_HEAD_S
        for conn in self.pending_conns:
            conn.timeout = min(conn.timeout, ends)

    def is_parent_alive(self) -> bool:
        """Without a parent, which somebody has killed, this process ends as if it had been told to."""
        if not super().is_parent_alive():
            self.alive = False
        return bool(self.alive)

    def _take_all(self, listener: Any) -> None:
        listener.setblocking(False)
        before = -1
        while before < self.nr_conns:
            before = self.nr_conns
            self.accept(listener)

    def on_client_socket_readable(self, conn: Any, client: Any) -> None:
        """Another request on a connection that was kept: its head has mostly come whole."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        if self.cfg.is_ssl or _has_come(conn, client):
            self.enqueue_req(conn)
        else:
            self._await_head(conn)

    def _await_head(self, conn: Any) -> None:
        conn.timeout = time.monotonic() + (HEAD_S if self.alive else LAST_HEAD_S)
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def on_pending_socket_readable(self, conn: Any, client: Any) -> None:
        """Read on until the head is whole."""
        if not self.cfg.is_ssl and not _has_come(conn, client):
            return
        super().on_pending_socket_readable(conn, client)

    def murder_pending(self) -> None:
        """Close who took too long, and who has waited longest where there is hardly room for another."""
        super().murder_pending()
        if self.nr_conns >= self.worker_connections - SPARE:
            self._make_room()

    def _make_room(self) -> None:
        for idle in (self.keepalived_conns, self.pending_conns):
            for _ in range(min(CLOSED_AT_ONCE, len(idle))):
                conn = idle.popleft()
                self.poller.unregister(conn.sock)
                self.nr_conns -= 1
                conn.close()

    def handle(self, conn: Any) -> Any:
        """Serve a connection, in a thread."""
        self._served.by = conn
        return super().handle(conn)

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Answer a request, its head and its body together."""
        sock = AnswerSocket(conn.sock)
        stays_open = super().handle_request(req, _Asked(sock, conn.client, conn.server))
        sock.flush()
        return stays_open

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Gunicorn's own refusal, with its log line, as a problem or a page."""
        super().handle_error(req, _Refused(client, self._served.by.line), addr, exc)


class _Asked(NamedTuple):
    """What gunicorn needs of a connection while it answers a request."""

    sock: AnswerSocket
    client: Any
    server: Any


class _Refused:
    """Stands for the client's socket, where gunicorn writes its page: what is sent is ours."""

    def __init__(self, client: Any, line: str) -> None:
        self._client, self._line = client, line

    def sendall(self, data: bytes) -> None:
        said = data.split(b" ", 2)[1]
        status, headers, body = refusals.answer(int(said), self._line)
        if int(said) < 500:
            # What failed within the application has its line already.
            request_log.write_refused(self._line.partition(" ")[0], int(said), len(body))
        headers += [("Content-Length", str(len(body))), ("Connection", "close")]
        head = "".join(f"{name}: {value}\r\n" for name, value in headers)
        self._client.sendall(f"HTTP/1.1 {status}\r\n{head}\r\n".encode("latin-1") + body)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)


def _has_come(conn: Any, client: Any) -> bool:
    """Whether a thread can read the head without waiting: it is whole, too long, or the client has gone."""
    try:
        part = client.recv(limits.HEAD)
    except (BlockingIOError, InterruptedError):
        return False
    except OSError:
        part = b""
    conn.came += part
    return not part or len(conn.came) > limits.HEAD or any(end in conn.came for end in END_OF_HEAD)
