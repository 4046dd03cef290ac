"""Encryption of stored secrets, and what a guard's reference to a secret stands for.

`env:NAME` and `file:/path` are the operator's: `POSTMORTEMS_SECRETS_ALLOW` says which may be named and where
they may be sent. `store:name` is kept here, encrypted. No message of this module repeats a value.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from postmortems import config
from postmortems.accounts.models import StoredSecret
from postmortems.config import Settings
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.egress.client import NoSecret, Refused, Secret, origin
from postmortems.errors import Misconfigured, Unavailable

NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
REFERENCE = re.compile(
    r"env:(?P<env>[A-Za-z_][A-Za-z0-9_]{0,99})|file:(?P<file>/[^\0\r\n{}]{1,500})"
    rf"|store:(?P<store>{NAME.pattern})"
)
VALUE = re.compile(r"[\x21-\x7e]([\x20-\x7e]{0,3998}[\x21-\x7e])?")
MADE_BY = "python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'"


@dataclass(frozen=True, slots=True)
class Allowance:
    """One entry of the operator's: a variable, a file, or (written with `/` at its end) all in a folder."""

    kind: str
    place: str
    origin: str

    def covers(self, kind: str, place: str) -> bool:
        if kind != self.kind:
            return False
        return place.startswith(self.place) if self.place.endswith("/") else place == self.place


class Vault:
    """Finds secrets by these settings."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.allowed = tuple(_allowance(entry) for entry in settings.secrets_allow)

    def reveal(self, reference: str, wanted: str) -> Secret:
        """The secret, for the origin it is bound to. Opens a unit of work. Raises `NoSecret`."""
        kind, place = _parted(reference)
        if kind == "store":
            with db.reading():
                row = self._row(place, wanted)
            return Secret(self.decrypt(row.encrypted, f"store:{row.name}"))
        self._refuse_elsewhere(reference, wanted)
        found = config.variable(place) if kind == "env" else _file(self._root(place), Path(place))
        if not found or not VALUE.fullmatch(found):
            raise NoSecret(f"{reference} is not there, or holds what cannot be sent")
        return Secret(found)

    def check(self, reference: str, wanted: str) -> None:
        """Whether the reference may be used for that origin; reveals nothing. Raises `NoSecret`."""
        kind, place = _parted(reference)
        if kind == "store":
            self._row(place, wanted)
        else:
            self._refuse_elsewhere(reference, wanted)

    def encrypt(self, value: str) -> str:
        return self._keys().encrypt(value.encode()).decode("ascii")

    def decrypt(self, encrypted: str, name: str) -> str:
        """What was encrypted; `name` is what a person knows it by. Raises `NoSecret`."""
        try:
            return self._keys().decrypt(encrypted).decode()
        except InvalidToken:
            raise NoSecret(f"{name} was encrypted with a key that is gone; set it again") from None
        except Unavailable as missing:
            raise NoSecret(missing.detail) from None

    def _keys(self) -> MultiFernet:
        keys = self._settings.secrets_key or self._derived()
        try:
            return MultiFernet([Fernet(key) for key in keys])
        except ValueError:
            raise Misconfigured(
                f"POSTMORTEMS_SECRETS_KEY holds what is no key; make one with `{MADE_BY}`"
            ) from None

    def _derived(self) -> tuple[str]:
        if not self._settings.is_embedded:
            raise Unavailable(f"POSTMORTEMS_SECRETS_KEY is not set; make one with `{MADE_BY}` and keep it")
        master = config.secret_key(self._settings).encode()
        derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"stored secrets").derive(master)
        return (base64.urlsafe_b64encode(derived).decode("ascii"),)

    def _row(self, name: str, wanted: str) -> StoredSecret:
        row = session().get(StoredSecret, name)
        if row is None:
            raise NoSecret(f"there is no stored secret {name}")
        if row.origin != wanted:
            raise NoSecret(f"store:{name} is for {row.origin} alone, not for {wanted}")
        return row

    def _refuse_elsewhere(self, reference: str, wanted: str) -> None:
        kind, place = _parted(reference)
        bound = [entry.origin for entry in self.allowed if entry.covers(kind, place)]
        if not bound:
            raise NoSecret(f"{reference} is not among the secrets that the operator allows")
        if wanted not in bound:
            raise NoSecret(f"{reference} is for {' and '.join(bound)} alone, not for {wanted}")

    def _root(self, place: str) -> Path:
        """The folder that a file may not lead out of."""
        entry = next(entry for entry in self.allowed if entry.covers("file", place))
        return Path(entry.place) if entry.place.endswith("/") else Path(entry.place).parent


def _parted(reference: str) -> tuple[str, str]:
    match = REFERENCE.fullmatch(reference)
    if match is None or "/../" in f"{reference}/":
        raise NoSecret("a secret is named env:NAME, file:/path or store:name")
    return next((kind, place) for kind, place in match.groupdict().items() if place)


def _file(root: Path, path: Path) -> str | None:
    """The file's one line; None where it is none, or a link leads out of the folder."""
    try:
        found = path.resolve(strict=True)
        if not found.is_file() or not found.is_relative_to(root.resolve(strict=True)):
            return None
        with found.open("rb") as file:
            return file.read(4096).decode("ascii").rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        return None


def _allowance(entry: str) -> Allowance:
    reference, _, place = entry.rpartition("@")
    match = REFERENCE.fullmatch(reference)
    if match is None or match["store"] or "/../" in f"{reference}/":
        raise _misread(entry)
    try:
        bound = origin(place)
    except Refused:
        raise _misread(entry) from None
    kind = "env" if match["env"] else "file"
    return Allowance(kind, match[kind], bound)


def _misread(entry: str) -> Misconfigured:
    return Misconfigured(
        f"POSTMORTEMS_SECRETS_ALLOW has {entry!r}; write what may be sent and where to, such as "
        "env:STAGING_TOKEN@https://staging.internal or file:/run/secrets/@https://hub.internal:8443"
    )
