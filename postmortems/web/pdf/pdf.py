"""PDF of a page, by WeasyPrint where it is installed.

It works in a child process with a deadline and no way out: a page that it takes minutes for, or that makes it
fail, costs that page and nothing else.
"""

from __future__ import annotations

import logging
import subprocess
import sys
from functools import cache
from importlib.util import find_spec
from threading import BoundedSemaphore

from postmortems import limits
from postmortems.errors import TooMany, Unavailable

log = logging.getLogger(__name__)

DEADLINE_S = limits.PDF_WITHIN_S
# It takes a processor and some hundred megabytes; others wait, and then are told to come again.
AT_ONCE, PATIENCE_S = 1, 20
HOW = (
    "PDF needs WeasyPrint, which is not installed on this server. Install it there with "
    "`.venv/bin/python -m pip install --require-hashes -r requirements-pdf.txt`, or print the HTML"
)
_free = BoundedSemaphore(AT_ONCE)


@cache
def is_installed() -> bool:
    """Whether PDF can be offered."""
    return find_spec("weasyprint") is not None


def pdf(html: str, deadline_s: float = DEADLINE_S) -> bytes:
    """The page as PDF; to be called outside of any unit of work, as it takes seconds.

    Raises `Unavailable` where it is not installed or cannot make one, `TooMany` while another is being made.
    """
    if not is_installed():
        raise Unavailable(HOW)
    if not _free.acquire(timeout=PATIENCE_S):
        raise TooMany("another PDF is being made; try again in a moment", retry_after_s=PATIENCE_S)
    try:
        return _typeset(html, deadline_s)
    finally:
        _free.release()


def _typeset(html: str, deadline_s: float) -> bytes:
    try:
        done = subprocess.run(
            [sys.executable, "-m", "postmortems.web.pdf.pdf_child"],
            input=html.encode("utf-8", "replace"),
            capture_output=True,
            timeout=deadline_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Unavailable(f"no PDF could be made of it within {deadline_s:g} s; take the HTML") from None
    if done.returncode != 0 or not done.stdout.startswith(b"%PDF-"):
        said = (done.stderr.decode("utf-8", "replace").strip().splitlines() or ["it ended without a word"])[
            -1
        ]
        log.warning("no PDF: %s", said)
        if said.startswith("WeasyPrint cannot start"):
            raise Unavailable(f"{said}. {HOW}")
        raise Unavailable("no PDF could be made of it; take the HTML and print it from a browser")
    return done.stdout
