"""The head of a mail that was saved as text: its subject is the title, all else front matter."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from postmortems.document.markdown.front_matter import scalar
from postmortems.document.text import is_blank, one_line

# What mail programs call these lines in the language of whoever passes a mail on.
NAMES = {
    "from": ("from", "von", "de", "da", "van", "från", "fra"),
    "to": ("to", "an", "à", "para", "a", "aan", "till", "til"),
    "cc": ("cc", "kopie"),
    "bcc": ("bcc",),
    "date": ("date", "datum", "data", "fecha"),
    "sent": ("sent", "gesendet", "envoyé", "enviado", "enviada", "inviato", "verzonden", "skickat", "sendt"),
    "subject": ("subject", "betreff", "objet", "asunto", "assunto", "oggetto", "onderwerp", "ämne", "emne"),
    "reply-to": ("reply-to",),
    "message-id": ("message-id",),
}
CALLED = {word: name for name, words in NAMES.items() for word in words}
HEADER = re.compile(rf"(?P<name>{'|'.join(CALLED)}) ?: *(?P<said>.*)", re.IGNORECASE)
FOLDED = re.compile(r"[ \t]+\S")
# What mail programs put before a subject that is answered or passed on.
ANSWERED = re.compile(r"(?:(?:re|fwd?|aw|wg|tr|rv|sv|vs|antw)\s?:\s*)+", re.IGNORECASE)
FEWEST = 3


@dataclass(frozen=True, slots=True)
class MailHead:
    """The front matter that says what the head says, and the count of its lines."""

    front: str
    lines: int


def read(lines: Sequence[str]) -> MailHead | None:
    """The head that a text begins with: a subject and two other headers, up to a blank line."""
    found: dict[str, str] = {}
    count, name = 0, ""
    for line in lines:
        header = HEADER.fullmatch(line)
        if header:
            name = CALLED[header["name"].lower()]
            found[name] = header["said"]
        elif name and FOLDED.match(line):
            found[name] += f" {line.strip()}"
        else:
            break
        count += 1
    if (
        len(found) < FEWEST
        or not found.get("subject")
        or not count < len(lines)
        or not is_blank(lines[count])
    ):
        return None
    subject = one_line(found.pop("subject"))
    title = ANSWERED.sub("", subject, count=1) or subject
    front = [f"mail_{key.replace('-', '_')}: {scalar(one_line(said))}" for key, said in found.items() if said]
    front += [f"mail_subject: {scalar(subject)}"] if title != subject else []
    return MailHead("\n".join(["---", f"title: {scalar(title)}", *front, "---", ""]), count)
