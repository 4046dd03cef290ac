"""Addresses of git repositories: HTTP, SSH, or a folder of this machine."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from postmortems.egress import client as egress
from postmortems.errors import Invalid

HTTP, SSH, FOLDER = "http", "ssh", "folder"
LONGEST = 1_000
# `git@host:team/incidents.git`, as git takes it too. A folder has a slash before any colon.
SHORT_SSH = re.compile(r"(?:(?P<user>[\w.+-]+)@)?(?P<host>[\w][\w.-]*):(?P<path>[^:].*)")
HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
USER = re.compile(r"[A-Za-z0-9_][\w.+-]*")
BRANCH = re.compile(r"(?!/)(?!.*(//|\.\.|/\.|@\{))[^\x00-\x20\x7f~^:?*\[\\]{1,200}(?<![/.])(?<!\.lock)")


@dataclass(frozen=True, slots=True)
class Address:
    """A repository's place. `path` is what the other side is asked for, or the folder."""

    kind: str
    text: str
    path: str
    host: str = ""
    user: str = ""
    port: int | None = None


def read(text: str, *, is_operator: bool) -> Address:
    """The address, or `Invalid`. Only whoever runs the server may name its folders and use its SSH keys."""
    text = text.strip()
    if not text or len(text) > LONGEST or not text.isprintable():
        raise Invalid("name a repository, such as https://git.example.org/team/incidents.git")
    scheme = text.partition("://")[0].lower() if "://" in text else ""
    if scheme in {"http", "https"}:
        return _over_http(text)
    if scheme and scheme != "ssh":
        raise Invalid(f"{text}: git is asked over https or ssh, or read from a folder")
    short = None if scheme else SHORT_SSH.fullmatch(text)
    if not is_operator:
        raise Invalid(f"{text}: only https addresses are read here; the operator has the command for others")
    if scheme:
        return _over_ssh(text)
    if short and "/" not in text.partition(":")[0]:
        return Address(SSH, text, short["path"], host=short["host"], user=short["user"] or "")
    path = str(Path(text).expanduser().absolute())
    return Address(FOLDER, path, path)


def branch_name(text: str) -> str:
    """A branch as it is written, without `refs/heads/`; `Invalid` where git would take no such name."""
    name = text.strip().removeprefix("refs/heads/")
    if name and (not BRANCH.fullmatch(name) or name.startswith("-")):
        raise Invalid(f"{text!r} is no name of a branch")
    return name


def _over_http(text: str) -> Address:
    try:
        url = egress.checked_url(text)
    except egress.Refused as refused:
        # What may hold a password is not repeated.
        raise Invalid(f"{refused}" if "@" in text else f"{text}: {refused}") from refused
    if url.query or url.fragment:
        # What may hold a token is not repeated.
        told = f"{url.copy_with(query=None, fragment=None)}: a repository's address ends in its path"
        raise Invalid(f"{told}; keep the name and password as a secret and name it: store:git")
    return Address(HTTP, str(url), str(url), host=url.host)


def _over_ssh(text: str) -> Address:
    try:
        parts = urlsplit(text)
        host, user, port = parts.hostname or "", parts.username or "", parts.port
    except ValueError as error:
        raise Invalid(f"{text}: {error}") from error
    if parts.password is not None:
        raise Invalid("an address with a password in it is not asked; SSH has keys")
    if not HOST.fullmatch(host) or (user and not USER.fullmatch(user)) or len(parts.path) < 2:
        raise Invalid(f"{text}: write ssh://git@git.example.org/team/incidents.git")
    return Address(SSH, text, parts.path, host=host, user=user, port=port)
