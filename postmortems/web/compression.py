"""Compression of answers: zstd (RFC 8878) or gzip (RFC 1952) for whoever takes it, of what is read whole.

A compressed length tells something of what stands in a page. So the token of its forms is masked anew for
each answer (`web/csrf.py`), the length varies by chance, and what another site lets a browser ask for is not
compressed.
"""

from __future__ import annotations

import secrets
import struct
import sys
import zlib
from functools import lru_cache
from pathlib import Path

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

from flask import Flask, Response, request
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header
from werkzeug.security import safe_join

from postmortems.web.transactions import SAFE_METHODS

# Below, the header costs what compressing saves.
SHORTEST = 1024
# The levels behind which a page grows hardly smaller; files are compressed once.
GZIP_LEVEL, GZIP_LEVEL_OF_FILES = 4, 9
ZSTD_LEVEL, ZSTD_LEVEL_OF_FILES = 3, 19
LONGEST_PADDING = 100
MIMETYPES = frozenset(
    {
        "text/html",
        "text/css",
        "text/javascript",
        "text/markdown",
        "text/plain",
        "application/json",
        "application/atom+xml",
        "application/problem+json",
        "image/svg+xml",
    }
)


def install(app: Flask) -> None:
    """Compress what the application answers; register it first, so that it comes last."""
    folder = str(app.static_folder)

    @app.after_request
    def _compress(response: Response) -> Response:
        if request.endpoint == "static":
            return _file(response, folder)
        if not _may_be(response) or response.is_streamed:
            return response
        _vary(response)
        coding = _coding() if _is_ours() else None
        if coding and len(data := response.get_data()) >= SHORTEST:
            _put(response, coding, PACKED[coding](data, secrets.randbelow(LONGEST_PADDING)))
        return response


def gzipped(data: bytes, padding: int = 0, level: int = GZIP_LEVEL) -> bytes:
    """A member of gzip, with a file name of so many letters that nobody reads (RFC 1952 §2.3)."""
    name = b"x" * padding + b"\0" if padding else b""
    head = b"\x1f\x8b\x08" + (b"\x08" if padding else b"\0") + b"\0\0\0\0" + b"\0\xff" + name
    packed = zlib.compress(data, level, wbits=-zlib.MAX_WBITS)
    return head + packed + struct.pack("<II", zlib.crc32(data), len(data) & 0xFFFFFFFF)


def zstandard(data: bytes, padding: int = 0, level: int = ZSTD_LEVEL) -> bytes:
    """A frame of zstd, and behind it one of so many bytes that is skipped (RFC 8878 §3.1.2)."""
    skipped = b"\x50\x2a\x4d\x18" + struct.pack("<I", padding) + bytes(padding) if padding else b""
    return zstd.compress(data, level) + skipped


# By the name of a coding, the one that is quickest first: who takes several gets that.
PACKED = {"zstd": zstandard, "gzip": gzipped}


def _may_be(response: Response) -> bool:
    """Whether another request could get this answer compressed: caches have to know."""
    return (
        request.method in SAFE_METHODS
        and response.mimetype in MIMETYPES
        and response.status_code not in {204, 206, 304}
        and "Content-Encoding" not in response.headers
        # A strong tag names these very bytes: programs send it back with what they change (RFC 9110 §8.8.3).
        and (response.mimetype != "application/json" or "ETag" not in response.headers)
    )


def _is_ours() -> bool:
    return request.headers.get("Sec-Fetch-Site", "none") in {"none", "same-origin"}


def _vary(response: Response) -> None:
    # Most answers say nothing yet of what they vary by, and then nothing has to be read and put together.
    if "Vary" in response.headers:
        response.vary.add("Accept-Encoding")
    else:
        response.headers["Vary"] = "Accept-Encoding"


def _coding() -> str | None:
    return _liked_best(request.environ.get("HTTP_ACCEPT_ENCODING", ""))


@lru_cache(maxsize=64)
def _liked_best(accepted: str) -> str | None:
    """The coding that the client likes best; of what it likes equally, the quickest."""
    said = parse_accept_header(accepted, Accept)
    liked = {coding: said.quality(coding) for coding in PACKED}
    best = max(liked, key=lambda coding: liked[coding])
    return best if liked[best] > 0 else None


def _put(response: Response, coding: str, packed: bytes) -> None:
    response.set_data(packed)
    response.headers["Content-Encoding"] = coding
    etag, _ = response.get_etag()
    if etag is not None:
        response.set_etag(etag, weak=True)


def _file(response: Response, folder: str) -> Response:
    """A static file, compressed once: it is the same for all, and has no secrets."""
    if not _may_be(response):
        return response
    _vary(response)
    joined = safe_join(folder, (request.view_args or {})["filename"])
    path = Path(joined) if joined else None
    wants_all = response.status_code == 200 and "Range" not in request.headers
    coding = _coding()
    if path is None or coding is None or not wants_all or not path.is_file():
        return response
    status = path.stat()
    if status.st_size >= SHORTEST:
        response.direct_passthrough = False
        response.close()
        _put(response, coding, _of_file(path, coding, status.st_mtime_ns))
    return response


@lru_cache(maxsize=256)
def _of_file(path: Path, coding: str, _changed_at: int) -> bytes:
    data = path.read_bytes()
    if coding == "zstd":
        return zstandard(data, level=ZSTD_LEVEL_OF_FILES)
    return gzipped(data, level=GZIP_LEVEL_OF_FILES)
