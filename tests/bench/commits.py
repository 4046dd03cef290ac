"""Checkouts of a commit, each with an environment of its own from what that commit locks."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Checkout:
    """A version of the project: its files, and the Python that runs it."""

    name: str
    root: Path
    python: Path


HERE = Checkout("here", ROOT, Path(sys.executable))


def checkout(commit: str, cache: Path) -> Checkout:
    """The files of this commit below `cache`, with what it needs installed; made once.

    Raises `SystemExit` for a commit that is none.
    """
    full = _git("rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}").decode().strip()
    if not full:
        raise SystemExit(f"--against: there is no commit {commit} in {ROOT}")
    folder = cache / "commits" / full[:12]
    made = Checkout(full[:12], folder / "source", folder / "environment/bin/python")
    if not (folder / "ready").exists():
        shutil.rmtree(folder, ignore_errors=True)
        print(f"making a checkout of {full[:12]} in {folder} …", file=sys.stderr, flush=True)
        with tarfile.open(fileobj=io.BytesIO(_git("archive", full))) as files:
            files.extractall(made.root, filter="data")
        _install(made, folder / "environment")
        (folder / "ready").touch()
    return made


def _git(*words: str) -> bytes:
    return subprocess.run(["git", *words], cwd=ROOT, stdout=subprocess.PIPE, check=False).stdout


def _install(made: Checkout, environment: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    pip = [made.python, "-m", "pip", "--disable-pip-version-check", "--quiet", "install", "--require-hashes"]
    subprocess.run([*pip, "-r", made.root / "requirements.txt"], check=True)
