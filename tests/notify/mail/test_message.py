"""Mail messages as mailers read them: every header whole, both bodies, nothing that a title could do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage

import pytest

from postmortems.notify.mail import message
from postmortems.notify.mail.message import Envelope
from postmortems.notify.notice import Line, Notice, Part, plain

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
OFF = f"https://postmortems.example.org/notifications/off/{'WzEsInJlbWluZGVyIl0.' * 12}"
ENVELOPE = Envelope(
    Address("Störungen", addr_spec="pm@xn--exmple-cua.org"),
    "ada@example.org",
    "reminder:AI-3:7",
    AT,
    OFF,
    "https://x/s",
)
NOTICE = Notice(
    "AI-3 is due tomorrow",
    "It is on your name.",
    (
        Part(
            "Overdue",
            (Line("Block merges to prod", "AI-3", "due 2026-03-01", "https://x/AI-3"),),
            4990,
            "https://x/all",
        ),
    ),
    "https://x/AI-3",
    why="You hear of this because an action item is assigned to you.",
    thread="AI-3",
)
HOSTILE = [
    "=cmd|'/c calc'!A1",
    "<script>alert(1)</script>",
    "Bcc: eve@example.org",
    "a\r\nBcc: eve@example.org",
    "From the start it was wrong",
    ".",
    "..\r\n.\r\nQUIT",
    "\u202egnirts\u202c and \u2066isolated",
    "زمن الاستجابة للخدمة",
    "ünïcödé 🚒 " * 40,
    "x" * 5000,
    "\x00\x07\x1b[31m",
    " leading blank",
]


def read(notice: Notice, envelope: Envelope = ENVELOPE) -> EmailMessage:
    found = message_from_bytes(message.written(notice, envelope), policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def body(found: EmailMessage, sort: str) -> str:
    part = found.get_body((sort,))
    assert part is not None
    return str(part.get_content())


def test_a_message_says_the_same_in_html_and_in_text() -> None:
    found = read(NOTICE)

    for sort in ("plain", "html"):
        said = body(found, sort)
        for words in (
            "AI-3",
            "Block merges to prod",
            "due 2026-03-01",
            "4,990 more",
            "an action item is assigned",
            OFF,
        ):
            assert words in said


def test_headers_come_back_whole_however_long() -> None:
    found = read(NOTICE)

    assert found["List-Unsubscribe"] == f"<{OFF}>"
    assert found["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert (
        b"=?utf-8?" not in message.written(NOTICE, ENVELOPE).split(b"List-Unsubscribe:")[1].split(b"\r\n")[0]
    )
    assert found["From"] == "Störungen <pm@xn--exmple-cua.org>"
    assert found["To"] == "ada@example.org"
    assert found["Auto-Submitted"] == "auto-generated"


def test_a_message_that_cannot_be_switched_off_has_no_such_header() -> None:
    assert "List-Unsubscribe" not in read(NOTICE, replace(ENVELOPE, off_url=""))


def test_a_repetition_has_the_same_message_id_and_another_message_another() -> None:
    again, other = read(NOTICE), read(NOTICE, replace(ENVELOPE, key="reminder:AI-3:8"))

    assert again["Message-ID"] == read(NOTICE)["Message-ID"]
    assert other["Message-ID"] != again["Message-ID"]
    assert other["References"] == again["References"]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_people_write_stays_text_in_its_place(text: str) -> None:
    line = Line(plain(text), "AI-3")
    found = read(Notice(plain(text), parts=(Part("Overdue", (line,)),)))

    assert found["Bcc"] is None
    assert found["To"] == "ada@example.org"
    assert "\n" not in found["Subject"]
    assert len(found["Subject"]) <= message.LONGEST_SUBJECT
    assert "<script" not in body(found, "html")
    assert "\u202e" not in body(found, "html") + body(found, "plain") + found["Subject"]


@pytest.mark.parametrize("words", ["זמן תגובה", "زمن الاستجابة", "٣٤"])
def test_what_is_written_from_right_to_left_turns_nothing_around_it(words: str) -> None:
    """Without it the reader sees the date and the reference of an Arabic title in another order."""
    line = Line(words, "AI-3", f"owner {words}, due 2026-03-01")
    found = read(Notice(words, words, parts=(Part(words, (line,)),)))
    text, html = body(found, "plain"), body(found, "html")

    assert text.count(words) == text.count("\u2068") == text.count("\u2069") == 5
    assert f"AI-3 \u2068{words}\u2069 (\u2068owner {words}, due 2026-03-01\u2069)" in text
    shown = html[html.index("<body>") :]
    assert shown.count(words) == shown.count("<bdi>") == 5


def test_a_line_that_begins_with_from_stays_as_it_is() -> None:
    said = message.written(Notice("t", "From the start"), ENVELOPE)

    assert b"\r\nFrom the start" in said
    assert b"\r\n>From" not in said


def test_no_line_of_a_body_is_longer_than_mail_may_have() -> None:
    long = Notice("t", "ü" * 3000, (Part("p", (Line("x" * 200, url="https://x/" + "y" * 1500),)),))
    head, _, rest = message.written(long, ENVELOPE).partition(b"\r\n\r\n")

    assert max(len(line) for line in head.split(b"\r\n")) <= 998
    assert max(len(line) for line in rest.split(b"\r\n")) <= 76
    assert "ü" * 3000 in body(read(long), "plain").replace("\n", "")
