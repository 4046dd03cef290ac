"""Each chat's form of a notice: in the chat's shape, within its limits, and words stay words in it.

The shapes beside this file say in our words what the pages and schemas that they name have: those of Discord,
Mattermost and Adaptive Cards were compared with what is published, Slack's with what its SDKs know.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from postmortems.notify.channels.formats import FORMATS
from postmortems.notify.notice import Button, Line, Notice, Part, plain

SHAPES = Path(__file__).with_name("shapes")
HOSTILE = [
    "@everyone @here @channel @all",
    "<!channel> <!everyone> <!here|here> <@U0123> <#C0123|general>",
    "<@&123456> <@!123> <#123> </command:123>",
    '=HYPERLINK("https://example.org")',
    "+1 -1 @SUM(A1)",
    "[click](https://evil.example) <https://evil.example|click>",
    "**bold** _it_ ~~no~~ `code` ```block``` # head > quote | cell",
    "<at>everyone</at> <b>x</b> &lt;script&gt;",
    "\u202egnirts\u202c \u2066x\u2069 \u200b",
    "line\r\nbreak\n\n---\n",
    "{{ template }} ${env} %s",
    "x" * 4000,
    "🚒" * 1000,
]


BUTTONS = (
    Button("Done", "done", f"done.AI-3.{'x' * 43}", "https://pm.example.org/presses"),
    Button("Not mine", "not_mine", f"not_mine.AI-3.{'x' * 43}", "https://pm.example.org/presses"),
)


def notice(text: str, lines: int = 1, buttons: tuple[Button, ...] = ()) -> Notice:
    line = Line(
        plain(text), "AI-3", plain(f"due 2026-03-01, owner {text}", 100), "https://pm.example.org/AI-3"
    )
    parts = tuple(Part(f"Part {n}", (line,) * lines, 4990, "https://pm.example.org/all") for n in range(5))
    return Notice(plain(text), text, parts, "https://pm.example.org/AI-3", buttons=buttons)


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
    elif isinstance(value, str):
        yield value


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("lines", [0, 1, 10])
@pytest.mark.parametrize("kind", FORMATS)
def test_what_is_posted_has_the_shape_of_the_chat_and_fits(kind: str, lines: int, text: str) -> None:
    shape = json.loads((SHAPES / f"{kind}.json").read_text(encoding="utf-8"))
    payload = FORMATS[kind].payload(notice(text, lines))

    Draft202012Validator(shape).validate(payload)
    assert len(json.dumps(payload)) <= shape["$comment_largest"]


@pytest.mark.parametrize("kind", ["slack", "mattermost"])
def test_buttons_have_the_shape_of_the_chat(kind: str) -> None:
    shape = json.loads((SHAPES / f"{kind}.json").read_text(encoding="utf-8"))
    payload = FORMATS[kind].payload(notice("It is due", buttons=BUTTONS))

    Draft202012Validator(shape).validate(payload)
    assert [value for value in texts(payload) if value.startswith(("done.", "not_mine."))] == [
        button.value for button in BUTTONS
    ]


@pytest.mark.parametrize("kind", FORMATS)
def test_nobody_is_mentioned_and_no_direction_is_turned(kind: str) -> None:
    for text in HOSTILE:
        payload = FORMATS[kind].payload(notice(text, 3))
        written = list(texts(payload))
        assert not any("\u202e" in one or "\u2066" in one for one in written)
        if kind == "slack":
            assert "<" not in payload["text"]
            assert all("mrkdwn" not in json.dumps(block) for block in payload["blocks"])
        if kind == "mattermost":
            assert not any(f"@{name}" in payload["text"] for name in ("everyone", "here", "channel", "all"))
        if kind == "discord":
            assert payload["allowed_mentions"] == {"parse": []}


def test_what_goes_to_any_receiver_is_no_formula() -> None:
    for text in HOSTILE:
        payload = FORMATS["webhook"].payload(notice(text, 2))
        said = [payload["title"], payload["text"], *(line["text"] for line in payload["parts"][0]["lines"])]
        assert not any(one.lstrip().startswith(("=", "+", "-", "@")) for one in said)


@pytest.mark.parametrize("kind", ["mattermost", "discord"])
def test_in_markdown_words_stay_words(kind: str) -> None:
    payload = FORMATS[kind].payload(
        notice("**bold** [click](https://evil.example) `x` <https://evil.example>", 1)
    )
    body = payload["text"] if kind == "mattermost" else payload["embeds"][0]["description"]

    assert r"\*\*bold\*\*" in body
    assert "](https://evil.example)" not in body
    assert "<https" not in body.replace(r"\<https", "")


@pytest.mark.parametrize(
    "kept, wanted",
    [
        ("https://discord.example/api/webhooks/1/x", "https://discord.example/api/webhooks/1/x?wait=true"),
        ("https://discord.example/w/1/x?thread_id=7", "https://discord.example/w/1/x?thread_id=7&wait=true"),
    ],
)
def test_discord_answers_once_it_has_saved_the_message(kept: str, wanted: str) -> None:
    assert FORMATS["discord"].address(kept) == wanted
    assert FORMATS["slack"].address(kept) == kept


@pytest.mark.parametrize("kind", FORMATS)
def test_what_does_not_fit_is_counted(kind: str) -> None:
    payload = json.dumps(FORMATS[kind].payload(notice("x" * 200, 10)), ensure_ascii=False)

    assert "4,99" in payload or "5,000" in payload or '"more": 4990' in payload


@pytest.mark.parametrize("kind", FORMATS)
def test_what_is_left_out_of_a_part_without_a_page_is_found_where_the_notice_leads(kind: str) -> None:
    """An empty address is none, and a chat may refuse the whole message for it."""
    page = "https://pm.example.org/action-items"
    lines = tuple(Line(f"Do it {n}", f"AI-{n}", url=f"{page}/AI-{n}") for n in range(16))

    payload = FORMATS[kind].payload(Notice("Reminders of 16 items", "", (Part("It broke", lines),), page))

    assert (dict(urls(payload)).get(""), "[and 6 more]()" in json.dumps(payload)) == (None, False)
    assert json.dumps(payload).count(f'{page}"') + json.dumps(payload).count(f"{page})") >= 2


def urls(value: Any) -> Iterator[tuple[str, Any]]:
    """What is at each address that a payload names."""
    if isinstance(value, dict):
        if "url" in value:
            yield value["url"], value
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from urls(inner)
