"""Child processes for hostile input: one question at a time, each with a deadline and a memory limit.

Threads share a few children. One that is late is killed and the next question starts another; nothing is
started before the first question, so each process of a forking server has its own. A child is one of our
modules that calls `serve`.
"""

from __future__ import annotations

import os
import resource
import select
import struct
import subprocess
import sys
from collections.abc import Callable
from queue import LifoQueue
from time import monotonic

# Importing the libraries takes a moment, and on a busy machine more.
START_S = 20.0
LENGTH = struct.Struct("!I")
READY = b"+"
# In place of a length: there is no answer, and the child is as good as before.
FAILED = 0xFFFFFFFF


class Late(Exception):
    """The child did not answer in time, or ended."""


class Child:
    """A process that answers with bytes to bytes."""

    def __init__(self, module: str) -> None:
        self.owner = os.getpid()
        self._process = subprocess.Popen(
            [sys.executable, "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            # A signal for the server (Ctrl-C) is not for the child: it ends when our end of the pipe closes.
            start_new_session=True,
        )
        if self._receive(1, monotonic() + START_S) != READY:
            raise Late

    def ask(self, question: bytes, within_s: float) -> bytes | None:
        """The answer; None where there is none. Raises `Late`; the child is of no use then."""
        end = monotonic() + within_s
        assert self._process.stdin is not None
        try:
            # The child reads a whole question before it works, so this waits no longer than a pipe takes.
            waiting = memoryview(LENGTH.pack(len(question)) + question)
            while waiting:
                waiting = waiting[self._process.stdin.write(waiting) or 0 :]
        except OSError:
            raise Late from None
        (length,) = LENGTH.unpack(self._receive(LENGTH.size, end))
        return None if length == FAILED else self._receive(length, end)

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


class Children:
    """So many children of a module, started and replaced as needed."""

    def __init__(self, module: str, many: int, deadline_s: float) -> None:
        self._module, self._deadline_s = module, deadline_s
        self._free: LifoQueue[Child | None] = LifoQueue()
        for _ in range(many):
            self._free.put(None)

    def ask(self, question: bytes) -> bytes | None:
        """A child's answer; None where it found none. Raises `Late`, and `OSError` where none can start."""
        child = self._free.get()
        try:
            if child is None or child.owner != os.getpid():
                child = None
                child = Child(self._module)
            return child.ask(question, self._deadline_s)
        except (Late, OSError):
            if child is not None:
                child.kill()
                child = None
            raise
        finally:
            self._free.put(child)

    def close(self) -> None:
        """End the children; the next question starts new ones."""
        children = [self._free.get() for _ in range(self._free.qsize())]
        for child in children:
            if child is not None and child.owner == os.getpid():
                child.kill()
            self._free.put(None)


def serve(answer: Callable[[bytes], bytes | None], memory: int) -> None:
    """In the child: answer until standard input ends, with at most so many bytes of memory."""
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (memory, most))
    questions, answers = sys.stdin.buffer, sys.stdout.buffer
    answers.write(READY)
    answers.flush()
    while len(head := questions.read(LENGTH.size)) == LENGTH.size:
        (length,) = LENGTH.unpack(head)
        told = answer(questions.read(length))
        answers.write(LENGTH.pack(FAILED) if told is None else LENGTH.pack(len(told)) + told)
        answers.flush()
