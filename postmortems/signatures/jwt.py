"""Signed tokens (JWT, Ed25519) that others can check without asking us."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import jwt
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from jwt.algorithms import OKPAlgorithm

from postmortems import config
from postmortems.config import Settings
from postmortems.formats.json_text import dumped

ALGORITHM = "EdDSA"


class Signer:
    """Signs by the secret of these settings: every process that has it signs alike."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def sign(self, claims: Mapping[str, Any]) -> str:
        """The claims as a signed JWT; "" in a process that was given no secret."""
        key = self._key
        if key is None:
            return ""
        # What `jwt.encode` would make of it (RFC 7515 §7.1), whose first part is the same for all.
        said = f"{self._head}.{_part(dumped(claims).encode())}"
        return f"{said}.{_part(key.sign(said.encode()))}"

    def public_keys(self) -> list[dict[str, str]]:
        """The keys to check by, as a JSON Web Key Set has them."""
        if self._key is None:
            return []
        public = OKPAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        return [public | {"use": "sig", "alg": ALGORITHM, "kid": self._kid}]

    @cached_property
    def _key(self) -> Ed25519PrivateKey | None:
        if not (self._settings.secret_key or self._settings.is_embedded):
            return None
        secret = config.secret_key(self._settings).encode()
        seed = HKDF(hashes.SHA256(), 32, None, b"postmortems: signed decisions").derive(secret)
        return Ed25519PrivateKey.from_private_bytes(seed)

    @cached_property
    def _head(self) -> str:
        made = jwt.encode({}, self._key, ALGORITHM, headers={"kid": self._kid}) if self._key else ""
        return made.partition(".")[0]

    @cached_property
    def _kid(self) -> str:
        public = self._key.public_key().public_bytes_raw() if self._key else b""
        return hashlib.sha256(public).hexdigest()[:16]


def _part(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()
