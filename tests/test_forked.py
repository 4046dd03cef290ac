"""A program that was forked is as one that was started: what it is told, what it says, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import forked

ROOT = Path(__file__).parents[1]
BEGINS = {"forked": forked.run, "started": subprocess.run}
TOLD = """
import json, logging, os, random, signal, sys, threading, time, warnings
from decimal import getcontext
json.dump({
    "arguments": sys.argv[1:], "folder": os.getcwd(), "environment": sorted(os.environ.items()),
    "name": __name__, "zone": time.tzname, "path": sys.path[0], "of ours": "ROOT" in globals(),
    "signals": {name: repr(signal.getsignal(getattr(signal, name))) for name in
                ("SIGINT", "SIGTERM", "SIGCHLD", "SIGPIPE", "SIGALRM", "SIGHUP")},
    "blocked": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])), "wakes": signal.set_wakeup_fd(-1),
    "threads": threading.active_count(), "thread": threading.current_thread().name,
    "mask": os.umask(0), "files": sorted(int(name) for name in os.listdir("/dev/fd"))[:-1],
    "streams": [(s.encoding, s.errors, s.line_buffering, s.isatty(), s.mode, s.fileno())
                for s in (sys.stdin, sys.stdout, sys.stderr)],
    "handlers": len(logging.getLogger().handlers), "level": logging.getLogger().level,
    "digits": getcontext().prec, "warns": len(warnings.filters),
}, sys.stdout, default=str)
"""


def both(words: list[str], **options: Any) -> list[subprocess.CompletedProcess[Any]]:
    return [begin([sys.executable, *words], **options) for begin in BEGINS.values()]


@pytest.mark.parametrize("environment", [{}, {"TZ": "Asia/Kolkata", "PYTHONUNBUFFERED": "1"}], ids=str)
def test_it_finds_what_a_start_finds(tmp_path: Path, environment: dict[str, str]) -> None:
    options = {"cwd": tmp_path, "env": environment, "capture_output": True, "text": True, "input": ""}

    ours, theirs = both(["-c", TOLD, "a b", "é"], **options)

    assert ours.stderr == theirs.stderr == ""
    assert json.loads(ours.stdout) == json.loads(theirs.stdout)


@pytest.mark.parametrize(
    "program",
    [
        "import sys; sys.exit(3)",
        "import sys; sys.exit('no')",
        "import os; os.abort()",
        "import os, signal; os.kill(os.getpid(), signal.SIGTERM)",
        "import atexit, threading; atexit.register(print, 'last')\n"
        "threading.Timer(0.1, print, ['first']).start()",
        "import sys; sys.stdout.write('not flushed'); sys.stderr.write('nor this')",
        "import sys; print(sys.stdin.read().upper())",
        "print('\\udc80')",
    ],
)
def test_it_ends_as_what_was_started(program: str) -> None:
    ours, theirs = both(["-c", program], capture_output=True, input=b"said" * 100_000)

    assert (ours.returncode, ours.stdout) == (theirs.returncode, theirs.stdout)
    assert ours.stderr.splitlines()[-1:] == theirs.stderr.splitlines()[-1:]


@pytest.mark.parametrize("words", ["--help", "users", "users list", "gate check", "parse none.md"])
def test_a_command_says_the_same(tmp_path: Path, words: str) -> None:
    environment = {
        "PYTHONPATH": str(ROOT),
        "POSTMORTEMS_SECRET_KEY": "x" * 40,
        "POSTMORTEMS_DATABASE_URL": "sqlite:///none.db",
    }

    ours, theirs = both(
        ["-m", "postmortems", *words.split()], cwd=tmp_path, env=environment, capture_output=True, text=True
    )

    assert (ours.returncode, ours.stdout, ours.stderr) == (theirs.returncode, theirs.stdout, theirs.stderr)


WAITS = [sys.executable, "-c", "import time; print('here', flush=True); time.sleep(600)"]


def test_it_can_be_waited_for_and_killed() -> None:
    with forked.Process(WAITS, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "here\n"
        assert process.poll() is None
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.01)
        with pytest.raises(subprocess.TimeoutExpired):
            process.communicate(timeout=0.01)
        process.kill()
        assert process.communicate() == ("", None)

    assert process.returncode == process.wait() == process.poll() == -signal.SIGKILL


def test_a_late_one_is_killed_and_said() -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        forked.run(WAITS, capture_output=True, timeout=0.5)


def test_a_failure_is_raised_where_it_is_asked_for() -> None:
    with pytest.raises(subprocess.CalledProcessError, match="status 3"):
        forked.run([sys.executable, "-c", "raise SystemExit(3)"], check=True)


def test_two_share_neither_chance_nor_number() -> None:
    program = "import os, random, secrets; print(os.getpid(), random.random(), secrets.token_hex())"
    words = [sys.executable, "-c", program]

    said = [forked.run(words, capture_output=True, text=True).stdout.split() for _ in range(2)]

    assert not set(said[0]) & set(said[1])


def test_what_is_left_running_ends_with_whoever_began_it() -> None:
    leaves = f"from tests import forked; print(forked.Process({WAITS}, stdout=-3).pid)"

    left = subprocess.run(
        [sys.executable, "-c", leaves], cwd=ROOT, capture_output=True, text=True, check=True
    )

    with pytest.raises(ProcessLookupError):
        os.kill(int(left.stdout), 0)


@pytest.mark.parametrize("words", [["/bin/true"], [sys.executable, "-I", "-c", ""], [sys.executable, "x.py"]])
def test_another_program_is_started_as_usual(words: list[str]) -> None:
    with pytest.raises(AssertionError):
        forked.Process(words)
