"""A real nginx on loopback, with a configuration of ours."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def program() -> str | None:
    """Where it is; Debian puts it where only root looks."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


def why_missing() -> str | None:
    return None if program() else "No nginx was found: install the package nginx-light."


@contextmanager
def running(folder: Path, site: str, port: int) -> Iterator[int]:
    """Serve `site`, which says `listen 8080`, at this port; all that nginx writes is in the folder."""
    paths = "\n".join(f"{name}_temp_path {folder / name};" for name in TEMPORARY)
    (folder / "site.conf").write_text(site.replace("listen 8080;", f"listen 127.0.0.1:{port};"))
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder / 'pid'}; error_log {folder / 'errors'}; events {{}}\n"
        f"http {{ access_log off; {paths}\ninclude {folder / 'site.conf'}; }}\n"
    )
    command = [
        str(program()),
        "-p",
        str(folder),
        "-e",
        str(folder / "errors"),
        "-c",
        str(folder / "nginx.conf"),
    ]
    subprocess.run([*command, "-t"], check=True, capture_output=True)
    process = subprocess.Popen(command)
    try:
        yield port
    finally:
        process.terminate()
        process.wait(30)
