"""The gate's commands bundled into one file that runs with any Python and no installation.

It is a zip with a line for the shell in front, as the standard library's zipapp makes them: these very
modules and click, so there is one client and not two.
"""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from zipimport import zipimporter

import click

SHEBANG = b"#!/usr/bin/env python3\n"
PACKAGE = Path(__file__).parents[2]
OURS = (
    "__init__.py",
    "errors.py",
    "cli/__init__.py",
    "cli/gate/*.py",
    "formats/__init__.py",
    "formats/artifact_ids.py",
)
START = """\
import sys

if sys.version_info < (3, 11):
    sys.exit("gate: Python 3.11 or newer is needed")
from postmortems.cli.gate.check import gate

# As it was called, so that help and hints can be typed again.
gate(prog_name=f"python3 {sys.argv[0]}")
"""
# The same bytes for the same version, so that a pipeline can know the file by its digest.
DAY = (2020, 1, 1, 0, 0, 0)


@click.command()
@click.option("--output", type=click.Path(path_type=Path), help="Where to write it; else standard output.")
def client(output: Path | None) -> None:
    """Write these commands as one file, which needs Python 3.11 and nothing else.

    \b
    Example:
      python -m postmortems gate client --output gate.pyz
      python3 gate.pyz check --service data8 --target prod --artifact sha256:… --confirm-target data8/prod
    """
    content = bundle()
    if output is None:
        sys.stdout.buffer.write(content)
    else:
        _write(output, content)
    click.echo(digest(content), err=True)


def _write(output: Path, content: bytes) -> None:
    try:
        output.write_bytes(content)
        output.chmod(0o755)
    except OSError as error:
        raise click.BadParameter(f"{output} cannot be written: {error.strerror}") from error


def bundle() -> bytes:
    """The file's bytes: the same for the same version of ours, of click and of Python."""
    loader: object = getattr(__spec__, "loader", None)
    if isinstance(loader, zipimporter):
        # This is such a file already.
        return Path(loader.archive).read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        for name, content in _members():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        _compile(folder)
        return _zipped(Path(folder))


def _members() -> Iterator[tuple[str, bytes]]:
    from importlib.metadata import files as files_of  # Not quick to load, and help needs none of it.

    yield "__main__.py", START.encode()
    for pattern in OURS:
        for path in PACKAGE.glob(pattern):
            yield f"postmortems/{path.relative_to(PACKAGE)}", path.read_bytes()
    for file in files_of("click") or ():
        # Its licence asks to stand beside it.
        if file.suffix == ".py" or "licenses" in file.parts:
            yield str(file), file.read_binary()


def _compile(folder: str) -> None:
    """Add each module as this Python reads it quickest; another version passes over it and reads the source.

    In a process of its own: what is compiled depends on what was interned before.
    """
    quietly = [sys.executable, "-m", "compileall", "-q", "-b", "-s", folder]
    subprocess.run(
        [*quietly, "--invalidation-mode", "unchecked-hash", folder], env={"PYTHONHASHSEED": "0"}, check=True
    )


def _zipped(folder: Path) -> bytes:
    from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

    out = io.BytesIO()
    out.write(SHEBANG)
    with ZipFile(out, "a") as packed:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            member = ZipInfo(path.relative_to(folder).as_posix(), DAY)
            packed.writestr(member, path.read_bytes(), compress_type=ZIP_DEFLATED)
    return out.getvalue()


def digest(content: bytes) -> str:
    """What a pipeline can know the file by."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
