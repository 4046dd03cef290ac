"""Request headers of a guard, one a line, and the secrets in them.

Accept: application/json
Authorization: Bearer ${store:staging-token}
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from marshmallow import ValidationError, fields, validate

from postmortems.egress import kept_urls
from postmortems.egress.client import Egress, Secret
from postmortems.egress.headers import is_sendable

HEADER = re.compile(r"\s*(?P<name>[^:\s]+)\s*:\s*(?P<text>\S.*?)\s*")
# What stands for itself in a header's text.
WORDS = re.compile(r"[^\s,;:\"'=]+=*")
REFERENCE = re.compile(r"\$\{([^{}]{1,600})\}")
# How to send what an address must not hold.
INSTEAD = "keep it as a secret and send it in a header, as in Authorization: Bearer ${store:its-name}"
# What signs in; its value is a secret whatever its author thinks of it.
SIGNS_IN = re.compile(r"authorization|cookie|token|api-?key|secret|password", re.IGNORECASE)


def field() -> fields.List[str]:
    """The schema's field for such headers."""
    return fields.List(
        fields.String(validate=[validate.Length(1, 1000), is_header]),
        load_default=list,
        validate=validate.Length(max=20),
        metadata={
            "label": "Headers to send",
            "description": "One per line, Name: text. A secret is named, as ${store:staging-token}.",
            "example": ["Authorization: Bearer ${store:staging-token}"],
        },
    )


def is_header(line: str) -> None:
    match = HEADER.fullmatch(line)
    if not match or not is_sendable(match["name"], match["text"]):
        raise ValidationError("write Name: text, as in Accept: application/json")
    references = REFERENCE.findall(match["text"])
    if len(references) > 1:
        raise ValidationError("one secret a header")
    plain = REFERENCE.sub("", match["text"])
    is_secret = SIGNS_IN.search(match["name"]) or kept_urls.is_secret_name(match["name"])
    if (is_secret and not references) or any(map(kept_urls.is_secret_value, WORDS.findall(plain))):
        raise ValidationError("what signs in is a secret: keep it, and name it as ${store:its-name}")


def references(config: Mapping[str, Any], url: str) -> Iterator[tuple[str, str, str]]:
    """Each secret in the headers, with a pointer to its line and the address it goes to."""
    for place, line in enumerate(config["headers"]):
        for reference in REFERENCE.findall(line):
            yield f"/config/headers/{place}", reference, url


def headers(lines: Iterable[str], url: str, egress: Egress) -> tuple[dict[str, str], dict[str, Secret]]:
    """What to send in the clear, and what is secret. Raises `NoSecret`."""
    plain: dict[str, str] = {}
    secret: dict[str, Secret] = {}
    for line in lines:
        name, _, text = (part.strip() for part in line.partition(":"))
        named = REFERENCE.search(text)
        if named is None:
            plain[name] = text
        else:
            value = egress.secret(named[1], url).reveal()
            secret[name] = Secret(text.replace(named[0], value))
    return plain, secret
