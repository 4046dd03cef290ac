"""What a reader of office documents gives: Markdown, and what a person should know of the file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MOST_COMMENTS, LONGEST_COMMENT = 50, 200


@dataclass(frozen=True, slots=True)
class Remark:
    """Something about a file that its text does not show: `kind` is `changes`, `comment` or `left`."""

    kind: str
    words: str
    text: str


@dataclass(frozen=True, slots=True)
class ReadText:
    markdown: str
    remarks: tuple[Remark, ...] = ()


def counted(count: int, one: str, several: str) -> str:
    """`1 comment`, `2 comments`."""
    return f"{count:,} {one if count == 1 else several}"


def comments_of(found: Sequence[tuple[str, str]]) -> Iterator[Remark]:
    """A remark for each comment, of who wrote it and what."""
    for who, words in found[:MOST_COMMENTS]:
        author, said = " ".join(who.split()), " ".join(words.split())[:LONGEST_COMMENT]
        told = f"{author}: {said}" if author else said
        yield Remark("comment", told, "a comment in the file; it is not part of the text")
    if left := len(found[MOST_COMMENTS:]):
        yield Remark("comment", f"{left:,} more", "comments in the file; they are not part of the text")
