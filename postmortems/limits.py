"""Limits: each size and number once, for servers, checks, messages and guides."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

MB = 1024 * 1024

# A postmortem with 300 entries is some 200 kB; this is room for what is pasted around it.
BODY = 8 * MB
# From here on a body is a long text or files, and has to wait for room among such.
LONG_BODY = 64 * 1024
# A request that brings files. What is larger comes by the command line, or from a repository.
FILES = 64 * MB
# The addresses that take so much.
FILE_PATHS = ("/import", "/api/v1/imports", "/attachments", "/api/v1/attachments", "/write/document")
# A message of an assistant, and where it is sent. So much of a longer one is read before it is refused: the
# protocol's client gives up its session where a connection is cut while it sends.
ASSISTANTS, ASSISTANTS_READ, ASSISTANTS_PATH = MB, 32 * MB, "/mcp"
# A message of a company's directory, the operations of one patch, and the resources of one page.
SCIM, SCIM_OPERATIONS, SCIM_PAGE = MB, 200, 200
# The line and the headers of a request.
HEAD = 64 * 1024
# One report, and a file of data that may hold several.
REPORT, SEVERAL = 10 * MB, 32 * MB


# One that brings its pictures: a document of a word processor.
PACKED = 32 * MB

# The rows, items and headings of one; the longest that we know has some 300 entries. Whoever stores it keeps
# all other writers of SQLite waiting meanwhile.
BLOCKS = 3_000
# The tags of a web page, which are counted before it is read.
TAGS = 40_000

# An import: reports, and all their bytes together as they are kept until they are worked on.
REPORTS, STAGED = 5_000, 128 * MB
# A zip: what it may hold unpacked, and how many times its packed size.
UNZIPPED, UNZIPPED_TIMES = 500 * MB, 200
# A git repository: as it comes, unpacked, its largest file, and how many files.
REPOSITORY, REPOSITORY_UNPACKED, REPOSITORY_FILE, REPOSITORY_FILES = 256 * MB, 1024 * MB, 64 * MB, 200_000

# Messages that may have waited for an hour, for one webhook and for one chat: who is behind by more is
# switched off, and the admins are told. Many at once are no fault of the receiver.
WEBHOOK_WAITING, CHAT_WAITING = 10_000, 1_000

# The drafts of one author, and all their bytes together.
DRAFTS, DRAFTS_TOGETHER = 50, 32 * MB

# What SQLite's log keeps of the room that it took while somebody read for long, once it is begun anew.
SQLITE_LOG = 16 * MB

# What an operator may allow of one attached file, in MB: it comes in a request that brings files.
LARGEST_FILE_MB = 60
# Frames of a moving picture, and the pixels of all of them together, as many times those of one picture.
FRAMES, FRAME_PIXELS_TIMES = 500, 3


@dataclass(frozen=True, slots=True)
class FileRules:
    """Where attached files are kept ("": in the database) and how much is taken, in bytes and pixels."""

    folder: str = ""
    largest: int = 10 * MB
    per_incident: int = 200 * MB
    pixels: int = 40_000_000

    def place(self, digest: str) -> Path | None:
        """Where the folder has the content of this SHA-256; None without a folder."""
        return Path(self.folder, digest[:2], digest) if self.folder else None


# Rows of a list in one answer.
PAGE = 200

# What a job sends with its ping, a calendar, what GitHub or GitLab tell us, and what a webhook guard answers.
PING, CALENDAR, TOLD, ANSWERED = 32 * 1024, MB, MB, 64 * 1024


# How long things may take, in seconds: a head to come in, and the next part of a body; the probes of one
# decision; a long text to be read, one to be shown, a picture to be written anew, a PDF to be made; and one
# statement of PostgreSQL.
HEAD_WITHIN_S, SILENT_S = 30, 30
PROBES_WITHIN_S = 25
TEXT_WITHIN_S, SHOWN_WITHIN_S, PICTURE_WITHIN_S, PDF_WITHIN_S = 10, 1, 60, 60
STATEMENT_WITHIN_S = 30


@dataclass(frozen=True, slots=True)
class Rate:
    """How many requests of one sort may come in a minute: by one token, by one person, whose tokens and
    browsers count together, and from one address by nobody who is known."""

    name: str
    of_token: int
    of_person: int
    of_address: int


# Where one client alone would keep a small machine busy; an operator makes them larger or smaller by
# POSTMORTEMS_LIMITS_PERCENT. A request counts for the first sort that it is of, in this order.
RATES = (
    # Questions of pipelines, pings of jobs and evidence: a deploy must not wait for a neighbour's.
    Rate("gate", 60_000, 120_000, 12_000),
    Rate("imports", 600, 1_200, 60),
    Rate("exports", 600, 1_200, 120),
    Rate("search", 3_000, 6_000, 600),
    Rate("writes", 12_000, 24_000, 3_000),
    Rate("reads", 30_000, 60_000, 6_000),
)
RATE_WINDOW_S = 60


def in_mb(size: int) -> str:
    """`64 MB`."""
    return f"{size // MB} MB"


def body_of(path: str) -> int:
    """How many bytes a request to this path may bring."""
    path = path.rstrip("/")
    return ASSISTANTS_READ if path == ASSISTANTS_PATH else FILES if path in FILE_PATHS else BODY
