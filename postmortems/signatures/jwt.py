"""Signed tokens (JWT, Ed25519) that others can check without asking us."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_key: Ed25519PrivateKey | None = None
_header = ""


def configure(secret: str) -> None:
    """Sign by this secret from here on: every process that has it signs alike."""
    global _key, _header
    seed = HKDF(hashes.SHA256(), 32, None, b"postmortems: signed decisions").derive(secret.encode())
    _key = Ed25519PrivateKey.from_private_bytes(seed)
    _header = _encoded(json.dumps({"alg": "EdDSA", "typ": "JWT", "kid": public_keys()[0]["kid"]}).encode())


def sign(claims: Mapping[str, Any]) -> str:
    """The claims as a signed JWT; "" in a process that was given no secret."""
    if _key is None:
        return ""
    signed = f"{_header}.{_encoded(json.dumps(claims, separators=(',', ':')).encode())}"
    return f"{signed}.{_encoded(_key.sign(signed.encode()))}"


def public_keys() -> list[dict[str, str]]:
    """The keys to check by, as a JSON Web Key Set has them."""
    if _key is None:
        return []
    raw = _key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    kid = hashlib.sha256(raw).hexdigest()[:16]
    return [{"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": kid, "x": _encoded(raw)}]


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
