"""The parent's side of the rendering child: one question at a time, each with a deadline.

Threads share a few children. One that is late is killed and the next question starts another; nothing is
started before the first question, so each process of a forking server has its own.
"""

from __future__ import annotations

import logging
import os
import select
import struct
import subprocess
import sys
from queue import LifoQueue
from time import monotonic

log = logging.getLogger(__name__)

DEADLINE_S = 1.0
# Importing the libraries takes a moment, and on a busy machine more.
START_S = 20.0
# Two: one bomb must not stop all other pages for its second.
CHILDREN = 2
LENGTH = struct.Struct("!I")
READY = b"+"
FAILED = 0xFFFFFFFF


class Late(Exception):
    """The child did not answer in time, or ended."""


class Child:
    """A process that renders; see `rendering.py` for its side."""

    def __init__(self) -> None:
        self.owner = os.getpid()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "postmortems.web.rendering"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            # A signal for the server (Ctrl-C) is not for the child: it ends when our end of the pipe closes.
            start_new_session=True,
        )
        if self._receive(1, monotonic() + START_S) != READY:
            raise Late

    def render(self, text: str, within_s: float) -> str | None:
        """The HTML; None where there is no rendering it. Raises `Late`; the child is of no use then."""
        end = monotonic() + within_s
        question = text.encode("utf-8", "replace")
        assert self._process.stdin is not None
        try:
            # The child reads a whole question before it works, so this waits no longer than a pipe takes.
            waiting = memoryview(LENGTH.pack(len(question)) + question)
            while waiting:
                waiting = waiting[self._process.stdin.write(waiting) or 0 :]
        except OSError:
            raise Late from None
        (length,) = LENGTH.unpack(self._receive(LENGTH.size, end))
        return None if length == FAILED else self._receive(length, end).decode("utf-8")

    def _receive(self, length: int, end: float) -> bytes:
        assert self._process.stdout is not None
        pipe = self._process.stdout.fileno()
        waiting = select.poll()
        waiting.register(pipe, select.POLLIN)
        parts, missing = [], length
        while missing:
            ready = waiting.poll(max(0.0, end - monotonic()) * 1000)
            part = os.read(pipe, min(missing, 65536)) if ready else b""
            if not part:
                raise Late
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def kill(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process.kill()
        self._process.wait()


class Renderer:
    """Renders Markdown in children that it starts and replaces as needed."""

    def __init__(self, children: int = CHILDREN, deadline_s: float = DEADLINE_S) -> None:
        self._deadline_s = deadline_s
        self._free: LifoQueue[Child | None] = LifoQueue()
        for _ in range(children):
            self._free.put(None)

    def render(self, text: str) -> str | None:
        """The sanitised HTML; None where rendering fails or takes longer than the deadline."""
        child = self._free.get()
        try:
            if child is None or child.owner != os.getpid():
                child = None
                child = Child()
            return child.render(text, self._deadline_s)
        except (Late, OSError) as error:
            log.warning(
                "a text of %d characters was not rendered in time (%s)", len(text), type(error).__name__
            )
            if child is not None:
                child.kill()
                child = None
            return None
        finally:
            self._free.put(child)

    def close(self) -> None:
        """End the children; the next question starts new ones."""
        children = [self._free.get() for _ in range(self._free.qsize())]
        for child in children:
            if child is not None and child.owner == os.getpid():
                child.kill()
            self._free.put(None)
