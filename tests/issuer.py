"""An issuer of signed identities on loopback: publishes its keys, and signs whatever it is told to."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

AUDIENCE = "http://127.0.0.1:8000"


@cache
def rsa_key(name: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    """A private key; the same for the same name, as making one takes a while."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def public(key_id: str, key: Any = None) -> dict[str, Any]:
    """The JSON Web Key that an issuer publishes."""
    made: dict[str, Any] = jwt.algorithms.RSAAlgorithm.to_jwk(
        (key or rsa_key(key_id)).public_key(), as_dict=True
    )
    return {**made, "kid": key_id, "use": "sig", "alg": "RS256"}


@dataclass
class Issuer:
    """An issuer that is up. `keys` are published now; `asked` are the paths that were asked for."""

    url: str
    keys: list[dict[str, Any]] = field(default_factory=lambda: [public("one")])
    asked: list[str] = field(default_factory=list)
    is_down: bool = False
    description: dict[str, Any] = field(default_factory=dict)

    def answers(self, path: str) -> tuple[int, Any]:
        self.asked.append(path)
        if self.is_down:
            return 503, {}
        if path == "/.well-known/openid-configuration":
            return 200, {"issuer": self.url, "jwks_uri": f"{self.url}/keys", **self.description}
        return (200, {"keys": self.keys}) if path == "/keys" else (404, {})

    def claims(self, now: datetime, **more: Any) -> dict[str, Any]:
        """What a job of the repository 123 in the environment prod is given; None leaves a claim out."""
        at = int(now.timestamp())
        told = {
            "iss": self.url,
            "aud": AUDIENCE,
            "iat": at,
            "nbf": at,
            "exp": at + 300,
            "sub": "repo:data8/infrastructure:environment:prod",
            "repository": "data8/infrastructure",
            "repository_id": "123",
            "environment": "prod",
            "sha": "a" * 40,
            "run_id": "99",
            **more,
        }
        return {name: value for name, value in told.items() if value is not None}

    def sign(self, claims: dict[str, Any], key_id: str = "one", **more: Any) -> str:
        return jwt.encode(claims, rsa_key(more.get("by", key_id)), algorithm="RS256", headers={"kid": key_id})


@contextmanager
def issuing() -> Iterator[Issuer]:
    """An issuer on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, told = issuer.answers(self.path)
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        issuer = Issuer(f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield issuer
        finally:
            server.shutdown()
            thread.join()
