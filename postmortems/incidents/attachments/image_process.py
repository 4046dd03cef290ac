"""Checks pictures and writes them anew in a child process with a deadline."""

from __future__ import annotations

import atexit
import json
import logging
from dataclasses import dataclass

from postmortems import limits
from postmortems.child_processes import Children, Late
from postmortems.errors import Invalid
from postmortems.incidents.attachments import file_types

log = logging.getLogger(__name__)

DEADLINE_S = float(limits.PICTURE_WITHIN_S)
_children = Children("postmortems.incidents.attachments.image_child", 1, DEADLINE_S)
atexit.register(_children.close)


@dataclass(frozen=True, slots=True)
class Checked:
    """A file as it is stored. A picture has a media type and a size in pixels; other files have neither."""

    name: str
    content: bytes
    media_type: str = ""
    width: int | None = None
    height: int | None = None


def checked(content: bytes, name: str, most_pixels: int) -> Checked:
    """The file; of a picture, nothing but the picture. Outside of any unit of work, as it may take long.

    Raises `Invalid` at `/file` with what is wrong and what to do.
    """
    file_types.refuse(content, name)
    if not file_types.picture_type(content):
        return Checked(file_types.kept_name(name, ""), content)
    called = file_types.shortened(name) or "the picture"
    try:
        answered = _children.ask(f"{most_pixels}\n".encode() + content) or b"{}\n"
    except (Late, OSError) as error:
        log.warning("a picture of %d bytes was not read in time (%s)", len(content), type(error).__name__)
        raise Invalid(f"{called} takes too long to read; make it smaller", "/file") from None
    head, _, written = answered.partition(b"\n")
    told = json.loads(head)
    if "type" not in told:
        raise Invalid(f"{called} {told.get('refused', 'cannot be read')}", "/file")
    kept = file_types.kept_name(name, told["type"])
    return Checked(kept, written, told["type"], told["width"], told["height"])
