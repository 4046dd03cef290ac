"""Signed tokens (JWT, Ed25519) that others can check without asking us."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from jwt.algorithms import OKPAlgorithm

ALGORITHM = "EdDSA"

_key: Ed25519PrivateKey | None = None
_kid = ""


def configure(secret: str) -> None:
    """Sign by this secret from here on: every process that has it signs alike."""
    global _key, _kid
    seed = HKDF(hashes.SHA256(), 32, None, b"postmortems: signed decisions").derive(secret.encode())
    _key = Ed25519PrivateKey.from_private_bytes(seed)
    _kid = hashlib.sha256(_key.public_key().public_bytes_raw()).hexdigest()[:16]


def sign(claims: Mapping[str, Any]) -> str:
    """The claims as a signed JWT; "" in a process that was given no secret."""
    return jwt.encode(dict(claims), _key, ALGORITHM, headers={"kid": _kid}) if _key else ""


def public_keys() -> list[dict[str, str]]:
    """The keys to check by, as a JSON Web Key Set has them."""
    if _key is None:
        return []
    return [
        OKPAlgorithm.to_jwk(_key.public_key(), as_dict=True) | {"use": "sig", "alg": ALGORITHM, "kid": _kid}
    ]
