"""No secret, no database and no settings of one installation are in what the image is made of."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from postmortems.accounts import credentials
from postmortems.incidents.public_reports import secret_patterns
from tests.deploy.image import unpack

TOKEN_PREFIX = "pm_"
_PRIVATE_KEY, _ADDRESS, WEB_TOKEN, BY_MAKERS, *_ = secret_patterns.ALL
SECRETS = (
    # With what a key is: where one is asked for, its first line stands alone.
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/=]{32}"),
    *(WEB_TOKEN, BY_MAKERS),
    re.compile(rf"\b{TOKEN_PREFIX}[\w-]{{20,}}"),
    re.compile(
        r"(?m)^\s*(?:export )?POSTMORTEMS_\w*(?:KEY|TOKEN|SECRET|PASSWORD)\s*[=:]\s*[\"']?[\w+/-]{24,}"
    ),
)
OF_ONE_INSTALLATION = re.compile(
    r"\.(?:db|sqlite3?|pem|key|p12|env|backup)$|^\.env|^instance$|^\.git$|^id_\w+$"
)


def told(folder: Path) -> Iterator[str]:
    """The files of a folder that hold a secret, or should not be there."""
    for place in sorted(folder.rglob("*")):
        text = place.read_text(errors="replace") if place.is_file() else ""
        if OF_ONE_INSTALLATION.search(place.name) or any(one.search(text) for one in SECRETS):
            yield place.name


def test_the_image_holds_none(tmp_path: Path) -> None:
    image = unpack(tmp_path / "image")

    assert len(list(image.rglob("*.py"))) > 1_000
    assert list(told(image)) == []


def key() -> str:
    made = ec.generate_private_key(ec.SECP256R1())
    return made.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


@pytest.mark.parametrize(
    "name, text",
    [
        ("notes.md", lambda: f"Sign in by {credentials.fresh(TOKEN_PREFIX)}"),
        ("kept.py", lambda: f"KEY = '''{key()}'''"),
        ("compose.yaml", lambda: f"      POSTMORTEMS_SECRETS_KEY: {Fernet.generate_key().decode()}"),
        ("run.sh", lambda: f"export POSTMORTEMS_SECRET_KEY={secrets.token_hex(32)}"),
        ("postmortems.db", str),
        (".env", str),
    ],
)
def test_what_was_left_in_it_is_found(tmp_path: Path, name: str, text: Callable[[], str]) -> None:
    (tmp_path / name).write_text(text())

    assert list(told(tmp_path)) == [name]
