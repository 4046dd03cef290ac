"""Comments as Markdown, for a file that is kept or read elsewhere: threads in the report's order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from postmortems.incidents.comments.queries import Remark, Thread


def block(threads: Sequence[Thread]) -> str:
    """The threads with what they are about, open or resolved, and its words; "" where there are none."""
    shown = [part for thread in threads for part in _thread(thread)]
    return "\n\n".join(["## Comments", *shown]) if shown else ""


def _thread(thread: Thread) -> Iterator[str]:
    first = thread.first.comment
    state = "open" if thread.is_open else f"resolved by {first.resolved_by}"
    yield f"### {' '.join(thread.label.split())} ({state})"
    if first.quoted.strip():
        yield _quote(first.quoted)
    yield "\n\n".join(_said(each) for each in (thread.first, *thread.replies))


def _said(remark: Remark) -> str:
    """One comment as a point of a list, so that no line of it begins a section."""
    comment = remark.comment
    head = f"**{comment.author}**, {comment.at:%Y-%m-%d %H:%M} UTC"
    if comment.deleted_at is not None:
        return f"- {head}: deleted"
    parts = [f"- {head}", _indented(comment.text)]
    if comment.suggestion is not None:
        parts += [f"  Suggested instead ({remark.suggestion_state}):", _indented(_quote(comment.suggestion))]
    return "\n\n".join(part for part in parts if part.strip())


def _quote(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" if line.strip() else "" for line in text.split("\n"))
