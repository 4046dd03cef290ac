"""Programs of ours in processes of their own, begun from a Python that has loaded the service already.

To load it takes one to two seconds of work, which tells a test nothing. A process that has done so, and
nothing else, forks for each program. What a fresh start would have, the program gets anew: arguments,
environment, folder, streams, zone, signals. What a start itself loads is told in `cli/test_start.py`; there,
in the first minutes of the README and in `deploy/` starts are plain ones.
"""

from __future__ import annotations

import atexit
import gc
import io
import json
import os
import runpy
import selectors
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import IO, Any, NamedTuple, Self

ROOT = Path(__file__).parents[1]
# What servers, workers and commands load.
LOADED = (
    *("alembic.command", "gunicorn.app.wsgiapp", "gunicorn.arbiter", "psycopg", "waitress"),
    *("postmortems.cli.http_server", "postmortems.cli.import_files", "postmortems.cli.server"),
    *("postmortems.cli.users", "postmortems.db.migrations", "postmortems.demo", "postmortems.worker"),
    *("postmortems.web.application", "postmortems.web.server.gunicorn_worker"),
    "postmortems.web.watching.gunicorn_log",
)
STREAMS = ("stdin", "stdout", "stderr")
_NUMBER = struct.Struct("!Q")


class Process:
    """What `subprocess.Popen` is, as far as tests use it, for `[sys.executable, "-m", …]` or `"-c"`."""

    def __init__(
        self,
        words: Sequence[str],
        *,
        cwd: str | Path | None = None,
        env: Mapping[str, str] | None = None,
        stdin: int | IO[Any] | None = None,
        stdout: int | IO[Any] | None = None,
        stderr: int | IO[Any] | None = None,
        text: bool = False,
    ) -> None:
        self.args, self._text = list(words), text
        self.returncode: int | None = None
        asked = {
            "program": _program(words),
            "folder": os.fspath(cwd or os.getcwd()),
            "environment": dict(os.environ if env is None else env),
        }
        ours: dict[str, int] = {}
        theirs: list[int] = []
        made: list[int] = []
        for name, place in zip(STREAMS, (stdin, stdout, stderr), strict=True):
            if place == subprocess.PIPE:
                reads, writes = os.pipe()
                ours[name], end = (writes, reads) if name == "stdin" else (reads, writes)
            elif place == subprocess.DEVNULL:
                end = os.open(os.devnull, os.O_RDWR)
            elif place == subprocess.STDOUT:
                end = os.dup(theirs[1])
            else:
                end = os.dup(STREAMS.index(name) if place is None else _number(place))
            theirs.append(end)
            made.append(end)
        try:
            self._line, self.pid = _started(asked, theirs)
        finally:
            for end in made:
                os.close(end)
        self.stdin, self.stdout, self.stderr = (self._opened(name, ours.get(name)) for name in STREAMS)

    def _opened(self, name: str, number: int | None) -> IO[Any] | None:
        if number is None:
            return None
        mode = "w" if name == "stdin" else "r"
        return open(number, mode) if self._text else open(number, f"{mode}b", buffering=-1)

    def poll(self) -> int | None:
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            self._line.settimeout(timeout)
            try:
                status = _NUMBER.unpack(self._line.recv(_NUMBER.size))[0]
            except (TimeoutError, BlockingIOError):
                raise subprocess.TimeoutExpired(self.args, timeout or 0) from None
            self.returncode = os.waitstatus_to_exitcode(status)
            # Until now nobody else could get its number.
            self._line.close()
        return self.returncode

    def communicate(self, input: Any = None, timeout: float | None = None) -> tuple[Any, Any]:
        """Send it `input`, read what it says until it ends; whoever waits in vain may try again."""
        end = None if timeout is None else time.monotonic() + timeout
        if not hasattr(self, "_talk"):
            self._talk = _Talk(self, input)
        self._talk.wait(end, self.args)
        self.wait(None if end is None else max(0.0, end - time.monotonic()))
        return self._talk.said["stdout"], self._talk.said["stderr"]

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for stream in (self.stdin, self.stdout, self.stderr):
            if stream is not None:
                with suppress(BrokenPipeError):
                    stream.close()
        self.wait()


def run(
    words: Sequence[str],
    *,
    input: Any = None,
    capture_output: bool = False,
    check: bool = False,
    timeout: float | None = None,
    **options: Any,
) -> subprocess.CompletedProcess[Any]:
    """What `subprocess.run` is."""
    if capture_output:
        options |= {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    if input is not None:
        options["stdin"] = subprocess.PIPE
    with Process(words, **options) as process:
        try:
            said = process.communicate(input, timeout)
        except BaseException:
            process.kill()
            raise
    assert process.returncode is not None
    if check and process.returncode:
        raise subprocess.CalledProcessError(process.returncode, words, *said)
    return subprocess.CompletedProcess(words, process.returncode, *said)


class _Talk:
    """What goes to a process and comes from it, each stream in a thread of its own."""

    def __init__(self, process: Process, input: Any) -> None:
        self.said: dict[str, Any] = {"stdout": None, "stderr": None}
        self.threads = []
        for name in self.said:
            if (stream := getattr(process, name)) is not None:
                self._begin(self._read, name, stream)
        if process.stdin is not None:
            self._begin(self._write, process.stdin, input)

    def _begin(self, target: Any, *arguments: Any) -> None:
        self.threads.append(threading.Thread(target=target, args=arguments, daemon=True))
        self.threads[-1].start()

    def _read(self, name: str, stream: IO[Any]) -> None:
        if stream.closed:
            return
        self.said[name] = stream.read()
        stream.close()

    def _write(self, stream: IO[Any], input: Any) -> None:
        with suppress(BrokenPipeError):
            if input and not stream.closed:
                stream.write(input)
            stream.close()

    def wait(self, end: float | None, words: Sequence[str]) -> None:
        for thread in self.threads:
            thread.join(None if end is None else max(0.0, end - time.monotonic()))
            if thread.is_alive():
                raise subprocess.TimeoutExpired(words, 0)


class Program(NamedTuple):
    """What follows Python's name: `-c` and a text or `-m` and a module, and its arguments."""

    way: str
    what: str
    words: list[str]
    is_unbuffered: bool = False


def _program(words: Sequence[str]) -> Program:
    python, *rest = (os.fspath(word) for word in words)
    is_unbuffered = rest[:1] == ["-u"]
    way, what, *more = [*rest[is_unbuffered:], "", ""]
    assert python == sys.executable, f"{python} is not our Python: start it as usual"
    assert way in {"-c", "-m"}, f"{way}: start that as usual"
    return Program(way, what, more[:-2], is_unbuffered)


def _number(place: int | IO[Any]) -> int:
    return place if isinstance(place, int) else place.fileno()


# The first Python, seen from those who want others begun.

_one_at_a_time = threading.Lock()


@cache
def _first(_pid: int) -> socket.socket:
    """Of this process, the line to the Python that has loaded the service; it ends when we do."""
    ours, theirs = socket.socketpair()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("POSTMORTEMS_")}
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.forked", str(theirs.fileno())],
            cwd=ROOT,
            env=kept,
            stdin=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )
    atexit.register(_end, ours, process)
    return ours


def _end(line: socket.socket, process: subprocess.Popen[bytes]) -> None:
    line.close()
    process.wait()


def _started(asked: dict[str, Any], streams: list[int]) -> tuple[socket.socket, int]:
    """The line on which it is said how the program ends, and the program's number."""
    ours, theirs = socket.socketpair()
    message = json.dumps(asked).encode()
    with _one_at_a_time, theirs:
        first = _first(os.getpid())
        socket.send_fds(first, [_NUMBER.pack(len(message))], [theirs.fileno(), *streams])
        first.sendall(message)
    return ours, _NUMBER.unpack(ours.recv(_NUMBER.size))[0]


# And the first Python itself.


class _Running:
    """A program, and the line to whoever began it."""

    def __init__(self, pid: int, line: socket.socket) -> None:
        self.pid, self.line, self.has_ended = pid, line, False
        line.sendall(_NUMBER.pack(pid))

    def tell_end(self) -> None:
        """Say how it ended, where it has; it keeps its number until that was heard."""
        how = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if how is not None and not self.has_ended:
            self.has_ended = True
            status = how.si_status << 8 if how.si_code == os.CLD_EXITED else how.si_status
            with suppress(OSError):
                self.line.sendall(_NUMBER.pack(status))

    def forget(self) -> None:
        """Whoever began it has heard how it ended, or has ended: then so does it."""
        self.line.close()
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


def _serve(control: socket.socket) -> Program | None:
    """Fork for whoever asks; in what was forked, its program. None once nobody will ask any more."""
    running: dict[int, _Running] = {}
    wakes, woken = socket.socketpair()
    for end in (wakes, woken):
        end.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(woken.fileno(), warn_on_full_buffer=False)
    lines = selectors.DefaultSelector()
    lines.register(control, selectors.EVENT_READ)
    lines.register(wakes, selectors.EVENT_READ)
    while True:
        for key, _ in lines.select():
            if key.fileobj is wakes:
                wakes.recv(4096)
                for one in running.values():
                    one.tell_end()
            elif key.fileobj is not control:
                lines.unregister(key.fileobj)
                running.pop(key.data).forget()
            elif (message := _asked(control)) is None:
                for one in running.values():
                    one.forget()
                return None
            elif (pid := os.fork()) == 0:
                for opened in (control, lines, wakes, woken, *(one.line for one in running.values())):
                    opened.close()
                return _begun(*message)
            else:
                line, *streams = message[1]
                for stream in streams:
                    os.close(stream)
                running[pid] = _Running(pid, socket.socket(fileno=line))
                lines.register(running[pid].line, selectors.EVENT_READ, pid)


def _asked(control: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    head, handles, _, _ = socket.recv_fds(control, _NUMBER.size, 4)
    if not head:
        return None
    (length,) = _NUMBER.unpack(head)
    return json.loads(control.recv(length, socket.MSG_WAITALL)), handles


def _begun(asked: dict[str, Any], handles: list[int]) -> Program:
    """In the new process: be as one that has just begun."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for number, handle in enumerate(handles[1:]):
        os.dup2(handle, number)
    for handle in handles:
        os.close(handle)
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    if not {"LC_ALL", "LC_CTYPE", "LANG"} & os.environ.keys():
        os.environ["LC_CTYPE"] = "C.UTF-8"  # as Python does
    time.tzset()
    program = Program(*asked["program"])
    is_unbuffered = program.is_unbuffered or bool(os.environ.get("PYTHONUNBUFFERED"))
    before = sys.__stdin__
    sys.stdin = sys.__stdin__ = open(0, encoding=before.encoding, errors=before.errors, closefd=False)  # noqa: SIM115
    sys.stdout = sys.__stdout__ = _output(sys.__stdout__, 1, is_unbuffered)
    sys.stderr = sys.__stderr__ = _output(sys.__stderr__, 2, is_unbuffered)
    sys.argv = ["-c" if program.way == "-c" else program.what, *program.words]
    told = [place for place in os.environ.get("PYTHONPATH", "").split(os.pathsep) if place]
    sys.path[:0] = [asked["folder"] if program.way == "-m" else "", *told]
    return program


def _output(before: Any, number: int, is_unbuffered: bool) -> io.TextIOWrapper:
    binary = open(number, "wb", buffering=0 if is_unbuffered else -1, closefd=False)  # noqa: SIM115
    text = io.TextIOWrapper(
        binary,  # type: ignore[arg-type]
        before.encoding,
        before.errors,
        line_buffering=not is_unbuffered and (number == 2 or binary.isatty()),
        write_through=is_unbuffered,
    )
    text.mode = "w"
    return text


def _load() -> None:
    gc.disable()
    for name in LOADED:
        __import__(name)
    gc.collect()
    gc.freeze()
    gc.enable()
    threads = threading.active_count()
    assert threads == 1, f"A fork would lose {threads - 1} threads of ours."


def main() -> None:
    control = socket.socket(fileno=int(sys.argv[1]))
    _load()
    if (program := _serve(control)) is None:
        return
    if program.way == "-m":
        runpy.run_module(program.what, run_name="__main__", alter_sys=True)
    else:
        sys.modules["__main__"] = made = ModuleType("__main__")
        exec(compile(program.what, "<string>", "exec"), vars(made))


if __name__ == "__main__":
    main()
