"""Values of settings: parsed, or refused in one sentence that says what to write.

Each takes the setting's whole name. No sentence repeats a value in which a secret may stand.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, urlsafe_b64decode
from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from postmortems import mail_addresses
from postmortems.errors import Misconfigured

Network = IPv4Network | IPv6Network

SHORTEST_SECRET = 32
MAKE_SECRET = "python -c 'import secrets; print(secrets.token_hex(32))'"
MAKE_KEY = "python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'"
POSTGRESQL = frozenset({"postgres", "postgresql", "postgresql+psycopg"})
# How every SQLite file begins (sqlite.org/fileformat2.html §1.3).
SQLITE_MAGIC = b"SQLite format 3\0"
PEM_BEGINS = re.compile(rb"-----BEGIN CERTIFICATE-----")
LARGEST_PEM = 4 * 1024 * 1024
# Slack's have 32 letters, Mattermost's 26.
SHARED = re.compile(r"[!-+\--~]{16,200}")
SENT = re.compile(r"(?:env:[A-Za-z_][A-Za-z0-9_]{0,99}|file:/[^\0\r\n{}]{1,500})@(?P<origin>\S+)")
MAIL = re.compile(r"[^\s{}@]*(?:\{name\}[^\s{}@]*)*@[A-Za-z0-9.-]+")
HOST = re.compile(r"(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")
# RFC 9116 §2.5.3: a URI, and one of the web begins with https. Fewer letters than a URI may have.
CONTACT = re.compile(
    r"(?:mailto:[A-Za-z0-9._+-]+@|https://)(?:[A-Za-z0-9-]+\.)+[A-Za-z0-9-]+(?::\d{1,5})?(?:/[!-~]*)?"
)
# What Kubernetes puts into the pods beside a service called `postmortems`.
SERVICE_LINK = re.compile(r"SERVICE_(?:HOST|PORT(?:_\w+)?)|PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_\w+)?)?")
LINKED = re.compile(r"(?:tcp|udp|sctp)://.*|[0-9a-fA-F.:]+|tcp|udp|sctp")
OPTIONS = {"PORT": "say it as `serve --port`", "HOST": "say it as `serve --host`"}
# A header's name; without `_`, which servers drop, as it would pass for `-`.
HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}")
HEADERS_OF_OTHERS = frozenset(
    {"accept", "authorization", "content-length", "content-type", "cookie", "forwarded", "host", "origin"}
    | {"referer", "user-agent", "x-csrftoken", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"}
)


def check_names(environ: Mapping[str, str], prefix: str, known: Iterable[str]) -> None:
    """Refuse a variable that looks like a setting and is none. `known` are names without their prefix."""
    names = [prefix + name for name in known]
    near = prefix.rstrip("_").rstrip("S") + "_"
    for name in sorted(environ):
        if name in names or not name.upper().startswith((prefix, near)):
            continue
        rest = name.upper().removeprefix(prefix).removeprefix(near)
        is_link = SERVICE_LINK.fullmatch(rest) and not (rest == "PORT" and environ[name].isdecimal())
        if rest.startswith("TEST_") or (is_link and LINKED.fullmatch(environ[name])):
            continue
        from difflib import get_close_matches  # Seldom needed, and not quick to load.

        meant = get_close_matches(rest, [one.removeprefix(prefix) for one in names], n=1, cutoff=0.5)
        told = OPTIONS.get(rest) or (
            f"did you mean {prefix}{meant[0]}?" if meant else "the README lists them; correct or unset it"
        )
        raise Misconfigured(f"there is no setting {name}; {told}")


def web_address(name: str, text: str, example: str, *, is_bare: bool = False) -> str:
    """An http or https address; `is_bare` where it must end with its host and port."""
    parts = _parts(text)
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname or _has_gap(text):
        told = "it has a password in it" if "@" in text else repr(text)
        raise Misconfigured(f"{name} is no address ({told}); write an address such as {example}")
    if "@" in parts.netloc:
        raise Misconfigured(f"{name} has a name or password in it; write an address such as {example}")
    if is_bare and (parts.path.strip("/") or parts.query or parts.fragment):
        raise Misconfigured(
            f"{name} has more than a host and a port ({text!r}); write an address such as {example}"
        )
    return text.rstrip("/") if is_bare else text


def _parts(text: str) -> SplitResult | None:
    try:
        parts = urlsplit(text)
        return None if parts.port == 0 else parts
    except ValueError:
        return None


def _has_gap(text: str) -> bool:
    return any(letter.isspace() or not letter.isprintable() for letter in text)


def reports(name: str, text: str) -> str:
    """The address of a project of Sentry, with its key in it; none, where nothing is reported."""
    parts = _parts(text)
    is_right = (
        parts is not None
        and parts.scheme in {"http", "https"}
        and bool(parts.username and parts.hostname)
        and parts.path.rpartition("/")[2].isdecimal()
        and not _has_gap(text)
    )
    if text and not is_right:
        raise Misconfigured(
            f"{name} is no address of a project; copy it from Sentry, in the form https://KEY@HOST/NUMBER"
        )
    return text


def plain_name(name: str, text: str) -> str:
    """A name that people read, in one line."""
    if len(text) > 100 or not text.isprintable():
        raise Misconfigured(f"{name} is no name ({text[:40]!r}); write one line of at most 100 characters")
    return text


def hosts(name: str, listed: Iterable[str]) -> tuple[str, ...]:
    """Hosts by name, `*.` before one standing for all below it, in small letters."""
    found = tuple(each.lower() for each in listed)
    for each in found:
        if not HOST.fullmatch(each):
            told = f"{name} has {each[:60]!r}, which is no host"
            raise Misconfigured(f"{told}; write names such as status.example.com, *.docs.example.com")
    return found


def contacts(name: str, listed: Iterable[str]) -> tuple[str, ...]:
    """Whom to tell of a weakness: addresses of mail or of the web."""
    found = tuple(listed)
    for each in found:
        if not CONTACT.fullmatch(each):
            told = f"{name} has {each[:60]!r}, which is no contact"
            raise Misconfigured(
                f"{told}; write such as mailto:security@example.org, https://example.org/report"
            )
    return found


def networks(name: str, listed: Iterable[str]) -> tuple[Network, ...]:
    """Networks or single addresses of either family."""
    found = []
    for each in listed:
        try:
            found.append(ip_network(each))
        except ValueError:
            told = f"{name} has {each[:60]!r}, which is no network"
            raise Misconfigured(f"{told}; write networks such as 10.0.0.0/8, 192.0.2.7, fd00::/8") from None
    return tuple(found)


def is_within(sent_from: str, among: tuple[Network, ...]) -> bool:
    """Whether an address is in one of the networks; what is no address is in none."""
    try:
        address: IPv4Address | IPv6Address = ip_address(sent_from)
    except ValueError:
        return False
    # A server that listens on both families tells IPv4 addresses so (RFC 4291 §2.5.5.2).
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return any(address.version == network.version and address in network for network in among)


def proxy_header(name: str, text: str) -> str:
    """The header in which a proxy says who is signed in; none that anybody else has a use for."""
    if text and (not HEADER.fullmatch(text) or text.lower() in HEADERS_OF_OTHERS):
        raise Misconfigured(f"{name} is {text[:40]!r}; write the name of a header such as X-Forwarded-User")
    return text


def proxy_networks(name: str, listed: tuple[str, ...], header: str) -> tuple[Network, ...]:
    """From where that header is believed: never from everywhere, and nothing without the header."""
    found = networks(name, listed)
    if found and not header:
        raise Misconfigured(f"{name} is set, and no header to believe: set POSTMORTEMS_PROXY_USER_HEADER")
    if header and not found:
        told = "POSTMORTEMS_PROXY_USER_HEADER is set, and from where it is believed is not"
        raise Misconfigured(f"{told}: set {name} to the proxy's address, such as 10.0.0.7")
    if any(network.prefixlen == 0 for network in found):
        raise Misconfigured(f"{name} would believe everybody; write the proxy's address, such as 10.0.0.7")
    return found


def proxy_role(name: str, text: str, header: str) -> str:
    """The role of accounts that a sign-in by that header makes."""
    role = choice(name, text, ("none", "viewer", "reviewer", "author"))
    if role != "none" and not header:
        raise Misconfigured(f"{name} is set, and no header to believe: set POSTMORTEMS_PROXY_USER_HEADER")
    return role


def second_factor(name: str, text: str, *, has_key: bool) -> str:
    """Who has to show a second factor; apps' secrets are encrypted, so a rule needs a key."""
    rule = choice(name, text, ("optional", "admins", "all"))
    if rule != "optional" and not has_key:
        told = f"{name} is {rule}, and nothing encrypts the secrets of people's apps"
        raise Misconfigured(f"{told}: set POSTMORTEMS_SECRETS_KEY, made with `{MAKE_KEY}`")
    return rule


def number(name: str, text: str, most: int, example: int) -> int:
    """A whole number from 0 to `most`."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 6 and int(text) <= most):
        raise Misconfigured(
            f"{name} is {text[:40]!r}; write a number such as {example}, from 0 to {most} and without a unit"
        )
    return int(text)


def choice(name: str, text: str, words: tuple[str, ...]) -> str:
    """One of some words."""
    if text not in words:
        raise Misconfigured(f"{name} is {text[:40]!r}; write {' or '.join(words)}")
    return text


def secret(name: str, text: str) -> str:
    """A secret that is long enough, or none."""
    if text and len(text) < SHORTEST_SECRET:
        raise Misconfigured(
            f"{name} has {len(text)} characters, and {SHORTEST_SECRET} are the least; "
            f"make one with `{MAKE_SECRET}`"
        )
    return text


def shared_secrets(name: str, secrets: tuple[str, ...]) -> tuple[str, ...]:
    """What a chat signs with or sends, as it gave it: long enough, and one word."""
    for place, secret in enumerate(secrets, 1):
        if not SHARED.fullmatch(secret):
            which = f"entry {place} of {name}" if len(secrets) > 1 else name
            raise Misconfigured(f"{which} is no secret of a chat; copy it as the chat shows it")
    return secrets


def account_name(name: str, text: str) -> str:
    if len(text) > 100 or _has_gap(text):
        raise Misconfigured(f"{name} is {text[:40]!r}; write the name of an account such as chat")
    return text


def encryption_keys(name: str, keys: tuple[str, ...]) -> tuple[str, ...]:
    """Keys of Fernet: 32 bytes each, in URL-safe base64."""
    for place, key in enumerate(keys, 1):
        try:
            is_key = len(urlsafe_b64decode(key)) == 32
        except (binascii.Error, ValueError):
            is_key = False
        if not is_key:
            which = f"key {place} of {name}" if len(keys) > 1 else name
            raise Misconfigured(f"{which} holds what is no key; make one with `{MAKE_KEY}`")
    return keys


def sent_secrets(name: str, entries: tuple[str, ...]) -> tuple[str, ...]:
    """What guards may send, and where to; `vault.encryption` reads it."""
    for entry in entries:
        match = SENT.fullmatch(entry)
        parts = _parts(match["origin"]) if match else None
        is_origin = parts and parts.scheme in {"http", "https"} and parts.hostname and "@" not in parts.netloc
        if not is_origin or "/../" in entry:
            raise Misconfigured(
                f"{name} has {entry!r}; write what may be sent and where to, such as "
                "env:STAGING_TOKEN@https://staging.internal or file:/run/secrets/@https://hub.internal:8443"
            )
    return entries


def certificates(name: str, text: str) -> str:
    """The path of a file with certificates in PEM."""
    if not text:
        return text
    example = "write the path of a file with certificates in PEM, such as /etc/ssl/our-ca.pem"
    try:
        if Path(text).exists() and not Path(text).is_file():
            raise Misconfigured(f"{name}: {text} is no file; {example}")
        with Path(text).open("rb") as file:
            content = file.read(LARGEST_PEM)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no path"
        raise Misconfigured(f"{name} cannot be read ({text!r}: {reason.lower()}); {example}") from None
    if not PEM_BEGINS.search(content):
        raise Misconfigured(f"{name} holds no certificate ({text}); {example}")
    try:
        are_whole = [
            _is_whole(b64decode(one.partition(b"-----END")[0])) for one in PEM_BEGINS.split(content)[1:]
        ]
    except binascii.Error:
        are_whole = [False]
    if not all(are_whole):
        raise Misconfigured(f"{name} holds a certificate that is broken ({text}); {example}")
    return text


def _is_whole(der: bytes) -> bool:
    """Whether it is as long as it says: an ASN.1 sequence in DER (X.690 §8.1.3), as certificates are."""
    if len(der) < 4 or der[0] != 0x30:
        return False
    octets = der[1] & 0x7F if der[1] > 0x7F else 0
    length = int.from_bytes(der[2 : 2 + octets]) if octets else der[1]
    return len(der) == 2 + octets + length


def folder(name: str, text: str) -> str:
    """The path of a folder, which is made when the first file comes."""
    if not text:
        return text
    example = "write the path of a folder such as /var/lib/postmortems/files"
    if not text.startswith("/"):
        raise Misconfigured(f"{name} is {text!r}, and where that lies depends on who starts; {example}")
    try:
        if Path(text).exists() and not Path(text).is_dir():
            raise Misconfigured(f"{name}: {text} is no folder; {example}")
    except (OSError, ValueError):
        raise Misconfigured(f"{name} is {text!r}, which is no path; {example}") from None
    return text


def mail_address(name: str, text: str) -> str:
    if not MAIL.fullmatch(text):
        raise Misconfigured(f"{name} is {text!r}; write an address such as {{name}}@example.org")
    return text


def mail_server(name: str, text: str) -> str:
    """The URL of the server that takes mail; none, where no mail is sent."""
    try:
        if text:
            mail_addresses.server(text)
    except ValueError as wrong:
        raise Misconfigured(f"{name} cannot be used: {wrong}") from None
    return text


def mail_sender(name: str, text: str, *, is_needed: bool) -> str:
    """Whom mail is from: an address, with a name before it or without."""
    if is_needed and not text:
        told = "POSTMORTEMS_SMTP_URL is set, and whom mail is from is not"
        raise Misconfigured(f"{told}: set {name}=Postmortems <pm@example.org>")
    try:
        if text:
            mail_addresses.sender(text)
    except ValueError as wrong:
        raise Misconfigured(f"{name} is {text[:80]!r}: {wrong}") from None
    return text


def database(name: str, text: str) -> str:
    """The URL of a database; of SQLite, its file is one or is not there yet."""
    if text.startswith("sqlite:///"):
        _check_sqlite(name, text.removeprefix("sqlite:///"))
        return text
    scheme, mark, rest = text.partition("://")
    if not mark or scheme not in POSTGRESQL:
        # The rest of it may hold a password.
        begins = f"begins with {scheme[:20]!r}" if mark else "has no ://"
        raise Misconfigured(f"{name} must begin with sqlite:/// or postgresql+psycopg://, but {begins}")
    parts = _parts(text)
    # What looks like a port and options may be a password with such signs in it.
    if parts is None or parts.fragment or "@" in parts.query:
        raise Misconfigured(
            f"{name} has no right host or port; write postgresql+psycopg://user:password@host:5432/name, "
            "with signs such as @, /, ? and # in the password as %40, %2F, %3F and %23"
        )
    return f"postgresql+psycopg://{rest}"


def _check_sqlite(name: str, path: str) -> None:
    example = "write sqlite:///postmortems.db, or sqlite:////var/lib/postmortems/postmortems.db"
    if path in {"", ":memory:"}:
        raise Misconfigured(f"{name} names no file, and nothing would be kept; {example}")
    if "?" in path:
        raise Misconfigured(f"{name} has more than a path, behind its ?; {example}")
    try:
        wrong = _not_sqlite(Path(path))
    except OSError as error:
        wrong = f"{path} cannot be read ({error.strerror})"
    if wrong:
        raise Misconfigured(f"{name}: {wrong}; {example}")


def _not_sqlite(file: Path) -> str:
    """Why no SQLite database is or can be there, or nothing. Raises `OSError`."""
    above = next(folder for folder in (*file.parents, Path()) if folder.exists())
    if not above.is_dir():
        return f"{above} is no folder"
    if not file.exists():
        return ""
    if not file.is_file():
        return f"{file} is {'a folder' if file.is_dir() else 'no file'}"
    with file.open("rb") as opened:
        begins = opened.read(len(SQLITE_MAGIC))
    return f"{file} is no SQLite database" if begins and begins != SQLITE_MAGIC else ""
