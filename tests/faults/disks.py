"""A disk of our own: a file that is mounted, and can be cut off, filled, and closed to writers.

To cut it off is what a power cut is to the file system (ext4 is told to shut down and to write nothing more,
as its own tests do it): whatever was not synced by then is gone, in whatever order the rest was written.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import struct
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from tests.faults.serving import until

MEGABYTES = 512
# Of Linux' uapi/linux/fs.h: _IOR('X', 125, __u32), and not even the journal is written any more.
SHUT_DOWN, WRITE_NOTHING = 0x8004587D, 2


@cache
def why_missing() -> str | None:
    """A sentence where no such disk can be had."""
    if os.geteuid() or not shutil.which("mkfs.ext4"):
        return "A disk of our own needs root and mkfs.ext4 (package e2fsprogs)."
    try:
        with mounted():
            return None
    except subprocess.CalledProcessError as refused:
        return f"No disk can be mounted here: {refused.stderr.decode().strip()}"


class Disk:
    """A mounted disk; `place` is its folder, which everybody may enter."""

    def __init__(self, folder: Path) -> None:
        self.image, self.place = folder / "disk.img", folder / "disk"
        self.place.mkdir()
        with self.image.open("wb") as image:
            image.truncate(MEGABYTES * 2**20)
        # Without a reserve for root, who would write on where it is full.
        _run("mkfs.ext4", "-q", "-F", "-m", "0", str(self.image))

    def mount(self) -> None:
        _run("mount", "-o", "loop", str(self.image), str(self.place))
        self.place.chmod(0o777)

    def unmount(self) -> None:
        """As soon as nobody has a file of it any more."""
        until(lambda: not os.path.ismount(self.place) or not _run("umount", str(self.place), check=False))

    def cut(self) -> None:
        """From here on nothing is written; whoever writes or reads is told of an error.

        Who may write meanwhile is to stand still (`stand_still`): an fsync that is under way is told by
        ext4 (of Linux 6.18) that all is well, and what it was for is gone.
        """
        place = os.open(self.place, os.O_RDONLY)
        try:
            fcntl.ioctl(place, SHUT_DOWN, struct.pack("I", WRITE_NOTHING))
        finally:
            os.close(place)

    def close_to_writers(self) -> None:
        """Let everybody read and nobody write; it must not be open for writing."""
        until(lambda: not _run("mount", "-o", "remount,ro", str(self.place), check=False))

    def open_to_writers(self) -> None:
        _run("mount", "-o", "remount,rw", str(self.place))

    def fill(self) -> Path:
        """Leave no room; returns the file to remove to have some again."""
        ballast = self.place / "ballast"
        with ballast.open("wb", buffering=0) as file:
            for size in (2**20, 2**12):
                while True:
                    try:
                        file.write(b"\0" * size)
                    except OSError:
                        break
        return ballast


def stand_still(process: int) -> None:
    """Stop a process, and come back when none of its threads does anything, not even in the system."""
    try:
        os.kill(process, signal.SIGSTOP)
        until(lambda: all(_state(task) in "TZX" for task in Path(f"/proc/{process}/task").iterdir()))
    except (ProcessLookupError, FileNotFoundError):
        return


def _state(task: Path) -> str:
    """`T` where it is stopped; `X` where it has ended meanwhile."""
    try:
        return (task / "stat").read_text().rpartition(")")[2].split()[0]
    except (ProcessLookupError, FileNotFoundError):
        return "X"


@contextmanager
def mounted() -> Iterator[Disk]:
    # Not where pytest keeps its folders, into which PostgreSQL's user may not look.
    with tempfile.TemporaryDirectory(prefix="postmortems-disk-") as folder:
        Path(folder).chmod(0o755)
        disk = Disk(Path(folder))
        disk.mount()
        try:
            yield disk
        finally:
            disk.unmount()


def _run(*words: str, check: bool = True) -> int:
    return subprocess.run(words, check=check, capture_output=True).returncode
