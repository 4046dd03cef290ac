"""The child process that makes PDFs; its parent is `pdf`.

It reaches nothing, no file and no server, but what is in the page itself. What goes wrong is told on standard
error, in one line.
"""

from __future__ import annotations

import resource
import sys

MEMORY = 2 * 1024 * 1024 * 1024
PROCESSOR_S = 60


def main() -> None:
    """Read the page, write the PDF."""
    for limit, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, PROCESSOR_S)):
        resource.setrlimit(limit, (most, resource.getrlimit(limit)[1]))
    try:
        # Only where it is installed, with the system's libraries that it needs: see requirements-pdf.in.
        from weasyprint import HTML
        from weasyprint.urls import URLFetcher
    except (ImportError, OSError) as error:
        sys.exit(" ".join(f"WeasyPrint cannot start: {error}".split()))
    html = sys.stdin.buffer.read().decode("utf-8")
    # Pictures on other servers, and whatever else a page may name, are left out; those in the page are not.
    nowhere = URLFetcher(allowed_protocols=("data",))
    sys.stdout.buffer.write(HTML(string=html, url_fetcher=nowhere).write_pdf())


if __name__ == "__main__":
    main()
