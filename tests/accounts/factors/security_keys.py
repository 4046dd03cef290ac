"""A security key in software: makes and uses passkeys as WebAuthn says, or wrongly where a test asks."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

# Flags of the authenticator's data (WebAuthn §6.1): present, verified, with a new key.
PRESENT, VERIFIED, WITH_KEY = 0x01, 0x04, 0x40
ORIGIN = "http://localhost"


@dataclass
class SecurityKey:
    """One passkey on one device, in whatever state the test wants."""

    origin: str = ORIGIN
    rp_id: str = "localhost"
    is_verified: bool = True
    # What it adds at each use; passkeys that are kept in step between devices say 0 always.
    counts_by: int = 1
    count: int = 0
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    user_handle: bytes = b""
    # What kind of device it says it is; browsers name kinds that are newer than any library.
    attachment: str = "cross-platform"

    def create(self, options: str) -> str:
        """What `navigator.credentials.create` answers."""
        asked = json.loads(options)
        self.user_handle = base64url_to_bytes(asked["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        public = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)})
        length = len(self.credential_id).to_bytes(2)
        attested = bytes(16) + length + self.credential_id + public
        made = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": self._data(WITH_KEY) + attested})
        said = self._client_data("webauthn.create", asked["challenge"])
        return self._answer({"clientDataJSON": said, "attestationObject": made})

    def get(self, options: str) -> str:
        """What `navigator.credentials.get` answers."""
        asked = json.loads(options)
        self.count += self.counts_by
        data, said = self._data(), self._client_data("webauthn.get", asked["challenge"])
        signed = self.key.sign(data + hashlib.sha256(said).digest(), ec.ECDSA(hashes.SHA256()))
        parts = {"clientDataJSON": said, "authenticatorData": data, "signature": signed}
        return self._answer({**parts, "userHandle": self.user_handle})

    def _data(self, more: int = 0) -> bytes:
        flags = PRESENT | more | (VERIFIED if self.is_verified else 0)
        return hashlib.sha256(self.rp_id.encode()).digest() + bytes([flags]) + self.count.to_bytes(4)

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _answer(self, parts: dict[str, bytes]) -> str:
        name = bytes_to_base64url(self.credential_id)
        response: dict[str, Any] = {key: bytes_to_base64url(value) for key, value in parts.items()}
        said = {"id": name, "rawId": name, "type": "public-key", "response": response}
        return json.dumps(said | {"authenticatorAttachment": self.attachment})
