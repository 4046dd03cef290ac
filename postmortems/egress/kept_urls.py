"""URLs that are stored and shown: none may hold a secret.

A query is found in pages, exports, events and the logs of every proxy on the way. What signs in goes in a
header, which names a secret that is kept encrypted.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote

from postmortems.egress.urls import Refused, checked_url

# Words of a parameter's name, however parted: `access_token`, `X-Amz-Signature`, `authToken`, `auth[key]`.
SECRET_WORD = re.compile(
    r"tokens?|secrets?|passw(?:or)?d|passphrase|passwort|pwd?|pass|apikey|sig(?:nature)?|credentials?|"
    r"auth(?:orization)?|jwt|bearer|sas|hmac|sessionid|sid"
)
SECRET_KEY = re.compile(
    r"(?:api|app|access|account|auth|client|deploy|integration|license|private|routing|secret|service|shared|"
    r"signing|sub(?:scription)?|user|webhook|write|read)?key"
)
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
# How well-known secrets begin: of GitHub, GitLab, Slack, Stripe, npm, AWS, Google and others, our own; a JWT.
KNOWN = re.compile(
    r"gh[opsur]_\w{16}|github_pat_|gl[a-z]{2,5}-[\w-]{16}|xox[a-z]-|[srp]k[-_](?:live|test|proj|ant)|"
    r"npm_\w{20}|AKIA[A-Z0-9]{12}|AIza[\w-]{20}|pm_[\w-]{20}|eyJ[\w-]{8,}\.|SG\.[\w-]{10}|hvs\.|"
    r"dop_v1_|pypi-\w{16}"
)
# `bot`, a number and a key, as Telegram has them.
CHAT_KEY = re.compile(r"bot\d{6,}:[\w-]{20,}")
RANDOM = re.compile(r"[A-Za-z0-9_+/=~-]{24,}")
PATH_WORDS = re.compile(r"[A-Z]?[a-z]{3,}")


def check(text: str, *, instead: str, reads_path: bool = True) -> None:
    """Raise `Refused` unless the address can be asked and holds no secret; no value is ever repeated.

    `instead` is how the secret is given where the address belongs: the end of a sentence. `reads_path` unless
    the other side has no way to be told but a part of its path that nobody guesses.
    """
    try:
        url = checked_url(text)
    except Refused as wrong:
        has_person = "@" in text.partition("://")[2].partition("/")[0]
        raise Refused(f"{wrong}; {instead}" if has_person else str(wrong)) from None
    query = url.query.decode("ascii", "replace")
    name = _secret_in(query) or _secret_in(url.fragment)
    name = name or _secret_on(url.raw_path.decode("ascii", "replace"), reads_path=reads_path)
    if name is not None:
        raise Refused(f"{name} in the address looks like a secret, and everybody reads it there; {instead}")


def refuse_secret(text: str, *, instead: str) -> None:
    """The same for text that need be no address: only a secret in one is refused."""
    if text.strip().lower().startswith(("http://", "https://")):
        try:
            check(text.strip(), instead=instead, reads_path=False)
        except Refused as wrong:
            if str(wrong).endswith(instead):
                raise


def _secret_on(path: str, *, reads_path: bool) -> str | None:
    """What to call a part of the path that looks like a secret."""
    for part in path.partition("?")[0].split("/"):
        # RFC 3986 §3.3: a part of a path may have parameters, behind semicolons.
        whole, _, parameters = part.partition(";")
        whole = unquote(whole)
        if reads_path and (is_secret_value(whole) or CHAT_KEY.fullmatch(whole)):
            return "a part of the path"
        if (name := _secret_in(parameters)) is not None:
            return name
    return None


def _secret_in(query: str) -> str | None:
    """What to call the first parameter that looks like a secret; None where none does."""
    for name, value in parse_qsl(query.replace(";", "&"), keep_blank_values=True):
        if value and is_secret_name(name):
            return repr(name[:40])
        if is_secret_value(value):
            return f"what {name[:40]!r} says"
        if is_secret_value(name):
            return "what its query says"
    return None


def is_secret_name(name: str) -> bool:
    """Whether a parameter of this name holds what signs in."""
    words = [word.lower() for word in WORD.findall(name)]
    return any(map(SECRET_WORD.fullmatch, words)) or SECRET_KEY.fullmatch("".join(words[-2:])) is not None


def is_secret_value(value: str) -> bool:
    """Whether the value looks like a key, whatever it is called: a known beginning, or long and random.

    A digest, a UUID and words are none: these have no letters in both cases, or they can be read.
    """
    if KNOWN.match(value):
        return True
    kinds = (str.islower, str.isupper, str.isdecimal)
    if not RANDOM.fullmatch(value) or not all(any(map(kind, value)) for kind in kinds):
        return False
    readable = sum(len(word) for word in PATH_WORDS.findall(value) if len(word) > 3)
    return readable * 2 < len(value)
