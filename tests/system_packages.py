"""What tests need and pip cannot install: Chromium, PostgreSQL, Prometheus, nginx, Poppler, Pango, sites.

`make test` runs this first, as `python -m tests.system_packages`: it installs what is missing where it may
and names it where it may not. Tests that need it are then skipped; in CI they fail, where nobody would notice
that they had not run.
"""

import ctypes
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import nginx, postgres, prometheus, sites, specifications

# By Debian's name of the package.
PANGO = {"libpango-1.0-0": "libpango-1.0.so.0", "libpangoft2-1.0-0": "libpangoft2-1.0.so.0"}
# The same Chromium built without windows, as a package of Debian's: pages cost it half the work.
HEADLESS_SHELL = "chromium-headless-shell"
CHROMIUM_NAMES = [HEADLESS_SHELL, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
# Where `playwright install` puts its own.
FETCHED = (
    "chromium_headless_shell-*/chrome-*linux*/*headless*shell",
    "chromium-*/chrome-linux*/chrome",
)


def in_ci() -> bool:
    return os.environ.get("CI") == "true"


def require(why_missing: str | None) -> None:
    """For fixtures: skips the test for that reason, or fails it in CI."""
    if why_missing and in_ci():
        pytest.fail(why_missing, pytrace=False)
    if why_missing:
        pytest.skip(why_missing)


def chromium() -> str | None:
    """The path of a Chromium or Chrome: the system's, or else the one that `playwright install` fetched."""
    in_path = (shutil.which(name) for name in CHROMIUM_NAMES)
    folder = Path.home() / ".cache/ms-playwright"
    fetched = [path for pattern in FETCHED for path in sorted(folder.glob(pattern), reverse=True)]
    candidates = [path for path in in_path if path] + [str(path) for path in fetched]
    # Asked for its version, as Ubuntu's chromium-browser may be a script that only says to install a snap.
    return next((path for path in candidates if _succeeds([path, "--version"])), None)


def why_chromium_is_missing() -> str | None:
    if chromium():
        return None
    by_playwright = ".venv/bin/python -m playwright install --with-deps chromium"
    return f"No Chromium was found: install the package chromium, or run `{by_playwright}`."


def why_pdftotext_is_missing() -> str | None:
    return None if shutil.which("pdftotext") else "No pdftotext was found: install the package poppler-utils."


def why_library_is_missing(name: str) -> str | None:
    try:
        ctypes.CDLL(name)
    except OSError:
        return f"{name} was not found, which PDF needs: install Pango, as docs/operator.md says."
    return None


def missing() -> dict[str, str]:
    """Debian's name of each package that is missing, and a sentence on it."""
    reasons = {
        "chromium": why_chromium_is_missing(),
        "postgresql": postgres.why_missing(),
        "prometheus": prometheus.why_missing(),
        "nginx-light": nginx.why_missing(),
        "poppler-utils": why_pdftotext_is_missing(),
    }
    reasons |= {package: sites.why_missing(package) for package in sites.FROM_DEBIAN}
    reasons |= {package: why_library_is_missing(library) for package, library in PANGO.items()}
    return {package: reason for package, reason in reasons.items() if reason}


def better() -> list[str]:
    """Packages that tests do without, but run quicker with."""
    is_debian = Path("/etc/os-release").exists() and platform.freedesktop_os_release()["ID"] == "debian"
    return [HEADLESS_SHELL] if is_debian and not shutil.which(HEADLESS_SHELL) else []


def install(packages: list[str]) -> None:
    """Tries to, with apt-get, as root or with a sudo that does not ask. The caller looks again afterwards."""
    as_root = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
    if not shutil.which("apt-get") or not _succeeds([*as_root, "true"]):
        return
    print(f"Installing {' and '.join(packages)} with apt-get ...", flush=True)
    apt_get = [*as_root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet=2"]
    _succeeds([*apt_get, "update"])
    for package in packages:  # one by one: a release that has no such package would refuse all
        _succeeds([*apt_get, "install", "--yes", "--no-install-recommends", package])


def main() -> int:
    if specifications.why_missing():
        specifications.fetch()
    if sites.why_missing("mkdocs") or sites.why_missing("sphinx"):
        sites.fetch()
    still_missing = missing()
    if wanted := [*better(), *still_missing]:
        install(wanted)
        still_missing = missing()
    if reason := specifications.why_missing():
        still_missing["specifications"] = reason
    still_missing |= {name: reason for name in sites.GENERATORS if (reason := sites.why_missing(name))}
    for reason in still_missing.values():
        print(reason, file=sys.stderr)
    if still_missing and not in_ci():
        print("The tests that need it are skipped.", file=sys.stderr)
    return 1 if still_missing and in_ci() else 0


def _succeeds(command: list[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


if __name__ == "__main__":
    sys.exit(main())
