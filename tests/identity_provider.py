"""An identity provider on loopback: signs in whoever it is told to, and lies where it is told to.

It insists on what a strict one insists on: PKCE, the registered address, the client's secret, and codes that
count once.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt

from postmortems import clock
from tests.issuer import public, rsa_key

CLIENT, SECRET = "postmortems", "what-the-provider-gave-out"
OURS = "http://127.0.0.1:8000"
LOGOUT = "http://schemas.openid.net/event/backchannel-logout"
Claims = dict[str, Any]


@dataclass
class IdentityProvider:
    """A provider that is up.

    `person` are the claims of whoever sits there; `changed` is what its id_tokens say otherwise than is right
    (None leaves out). `codes` are those given out, with what they were asked for.
    """

    url: str
    person: Claims = field(default_factory=lambda: {"sub": "248289", "preferred_username": "eve"})
    info: Claims = field(default_factory=dict)
    changed: Claims = field(default_factory=dict)
    described: Claims = field(default_factory=dict)
    keys: list[Claims] = field(default_factory=lambda: [public("one")])
    signs_with: str = "one"
    sign: Callable[[Claims], str] | None = None
    codes: dict[str, Claims] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    raw: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    waits_s: float = 0.0
    clock_is_off_s: float = 0.0

    def authorize(self, address: str) -> str:
        """Where the browser is sent that came by this address: back, with a code."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["client_id"] == CLIENT
        assert asked["redirect_uri"] == f"{OURS}/auth/oidc/callback"
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = f"code-{len(self.asked)}-{len(self.codes)}"
        self.codes[code] = asked
        sent = {"code": code, "state": asked["state"], "iss": self.url}
        return f"{asked['redirect_uri']}?{urlencode(sent)}"

    def redeem(self, form: Claims, authorization: str) -> tuple[int, Claims]:
        """What the token endpoint answers."""
        expected = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if authorization != expected and form.get("client_secret") != SECRET:
            return 401, {"error": "invalid_client"}
        asked = self.codes.pop(form.get("code", ""), None)
        verifier = form.get("code_verifier", "").encode()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier).digest()).rstrip(b"=").decode()
        if (
            asked is None
            or asked["code_challenge"] != challenge
            or asked["redirect_uri"] != form["redirect_uri"]
        ):
            return 400, {"error": "invalid_grant"}
        given = {"access_token": "an-access-token", "token_type": "Bearer", "expires_in": 300}
        return 200, {**given, "id_token": self.id_token(asked["nonce"])}

    def id_token(self, nonce: str) -> str:
        at = int(clock.now().timestamp())
        claims = {"iss": self.url, "aud": CLIENT, "iat": at, "exp": at + 300, "nonce": nonce, "sid": "s1"}
        return self.signed({**claims, **self.person, **self.changed})

    def logout_token(self, **changed: Any) -> str:
        """One that says that the session s1 has ended."""
        at = int(clock.now().timestamp())
        claims = {"iss": self.url, "aud": CLIENT, "iat": at, "exp": at + 120, "jti": f"j{at}", "sid": "s1"}
        typ = changed.pop("typ", "logout+jwt")
        return self.signed({**claims, "events": {LOGOUT: {}}, **changed}, typ=typ)

    def signed(self, claims: Claims, **header: Any) -> str:
        said = {name: value for name, value in claims.items() if value is not None}
        if self.sign is not None:
            return self.sign(said)
        head = {"kid": self.signs_with, **header}
        return jwt.encode(said, rsa_key(self.signs_with), algorithm="RS256", headers=head)

    def answer(self, path: str, form: Claims, authorization: str) -> tuple[int, Any]:
        """What is answered at this path, as a status and JSON or bytes."""
        self.asked.append(path)
        if path in self.raw:
            return self.raw[path]
        if path == "/.well-known/openid-configuration":
            return 200, self._description()
        if path == "/keys":
            return 200, {"keys": self.keys}
        if path == "/token":
            return self.redeem(form, authorization)
        if path == "/userinfo" and authorization == "Bearer an-access-token":
            return 200, self.info
        return 404, {}

    def _description(self) -> Claims:
        said = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "end_session_endpoint": f"{self.url}/logout",
            "jwks_uri": f"{self.url}/keys",
            **self.described,
        }
        return {name: value for name, value in said.items() if value is not None}


@contextmanager
def providing() -> Iterator[IdentityProvider]:
    """A provider on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.startswith("/authorize?"):
                self.send_response(302)
                self.send_header("Location", provider.authorize(self.path))
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self._answer({})

        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._answer({name: values[0] for name, values in parse_qs(sent).items()})

        def _answer(self, form: Claims) -> None:
            time.sleep(provider.waits_s)
            status, said = provider.answer(self.path, form, self.headers.get("Authorization", ""))
            body = said if isinstance(said, bytes) else json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def date_time_string(self, timestamp: float | None = None) -> str:
            return formatdate(clock.now().timestamp() + provider.clock_is_off_s, usegmt=True)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        provider = IdentityProvider(f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield provider
        finally:
            server.shutdown()
            thread.join()
