"""OIDC claims: what a signed identity proves, of a CI job or a person. Pure: keys and the time come in.

Which claims GitHub and GitLab sign, their manuals say: "OpenID Connect reference", "ID token authentication".
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.types import Options

from postmortems.accounts.models import CiIdentity

# Asymmetric ones alone: whoever can check a signature must not be able to make it.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")
SMALLEST_RSA_BITS = 2048
LONGEST_TOKEN = 16 * 1024
SKEW = timedelta(seconds=60)
# CI's tokens live for minutes, at most for as long as a job may run.
LONGEST_LIFE = timedelta(hours=24)
# Times are checked by our own clock, which can be told what time it is.
OPTIONS: Options = {
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
    "require": ["exp", "iat", "aud", "iss"],
}
# What of a job's claims is worth keeping beside what it tells us.
KEPT = (
    "sub", "repository", "repository_id", "ref", "sha", "run_id", "run_attempt", "actor", "environment",
    "job_workflow_ref", "project_path", "project_id", "pipeline_id", "job_id", "user_login",
)  # fmt: skip


class Unproven(Exception):
    """The token proves nothing; the text says why. `code` is one word for the record."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a token says of itself before anything of it is believed."""

    issuer: str
    key_id: str
    algorithm: str


def looks_signed(secret: str) -> bool:
    """Whether this is a signed identity and not one of our own tokens."""
    return secret.startswith("ey") and secret.count(".") == 2


def claimed(token: str) -> Claimed:
    """Who says to have signed the token, and with which key. Raises `Unproven`."""
    if len(token) > LONGEST_TOKEN:
        raise Unproven("malformed", f"a signed identity has at most {LONGEST_TOKEN:,} characters")
    try:
        header = jwt.get_unverified_header(token)
        claims = jwt.decode(token, options={"verify_signature": False})
    except (jwt.InvalidTokenError, ValueError, RecursionError):
        raise Unproven("malformed", "this is no signed identity (JWT) that can be read") from None
    algorithm, key_id, issuer = header.get("alg"), header.get("kid", ""), claims.get("iss")
    if algorithm not in ALGORITHMS:
        raise Unproven(
            "algorithm", f"signed by {str(algorithm)[:20]!r}; what is taken is {', '.join(ALGORITHMS)}"
        )
    if not isinstance(issuer, str) or not isinstance(key_id, str):
        raise Unproven("malformed", "it names no issuer (iss)")
    return Claimed(issuer, key_id, str(algorithm))


def prove(
    token: str, said: Claimed, keys: Collection[Mapping[str, Any]], audience: str, now: datetime
) -> dict[str, Any]:
    """The claims, once signature, audience and times are right. `keys` are JSON Web Keys.

    Raises `Unproven`.
    """
    fitting = [key for key in keys if not said.key_id or key.get("kid") == said.key_id]
    if not fitting:
        raise Unproven("key", f"{said.issuer} publishes no key {said.key_id!r}")
    for key in fitting:
        claims = _signed_by(token, said, key, audience)
        if claims is not None:
            _check_times(claims, now)
            return claims
    raise Unproven("signature", f"the signature is not that of {said.issuer}")


def _signed_by(token: str, said: Claimed, key: Mapping[str, Any], audience: str) -> dict[str, Any] | None:
    """The claims, where this key made the signature."""
    if key.get("alg", said.algorithm) != said.algorithm or key.get("use", "sig") != "sig":
        return None
    try:
        public = jwt.PyJWK.from_dict(dict(key), algorithm=said.algorithm).key
        if isinstance(public, RSAPublicKey) and public.key_size < SMALLEST_RSA_BITS:
            return None
        return jwt.decode(
            token, public, algorithms=[said.algorithm], audience=audience, issuer=said.issuer, options=OPTIONS
        )  # fmt: skip
    except jwt.InvalidAudienceError:
        raise Unproven(
            "audience", f"it is meant for another than {audience}: ask for that audience"
        ) from None
    except jwt.MissingRequiredClaimError as missing:
        raise Unproven("malformed", f"it lacks the claim {missing.claim}") from None
    except (jwt.PyJWTError, ValueError, TypeError):
        return None


def _check_times(claims: Mapping[str, Any], now: datetime) -> None:
    ends, made = _instant(claims, "exp"), _instant(claims, "iat")
    begins = _instant(claims, "nbf") if "nbf" in claims else made
    if ends <= now - SKEW:
        raise Unproven("expired", f"it expired at {ends:%Y-%m-%dT%H:%M:%SZ}; ask for a fresh one")
    if max(begins, made) > now + SKEW:
        raise Unproven("early", f"it holds from {max(begins, made):%Y-%m-%dT%H:%M:%SZ} on; is a clock wrong?")
    if ends - made > LONGEST_LIFE:
        raise Unproven("lifetime", "it would hold for longer than a day, which no identity does")


def _instant(claims: Mapping[str, Any], name: str) -> datetime:
    try:
        return datetime.fromtimestamp(float(claims[name]), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        raise Unproven("malformed", f"its claim {name} is no time") from None


def fitting(identities: Iterable[CiIdentity], claims: Mapping[str, Any]) -> CiIdentity:
    """The identity whose claims are all the job's; of several, the one that says most. Raises `Unproven`."""
    known = sorted(identities, key=lambda identity: (-len(identity.claims), identity.name))
    wrong = []
    for identity in known:
        others = [name for name, value in identity.claims.items() if _text(claims.get(name)) != value]
        if not others:
            return identity
        wrong.append(f"{identity.name} wants another {' and '.join(sorted(others))}")
    raise Unproven("no_identity", f"no CI identity fits this job: {'; '.join(wrong[:5])}")


def kept(claims: Mapping[str, Any]) -> dict[str, str]:
    """The claims that tell which run this was, as short texts."""
    return {name: _text(claims[name])[:200] for name in KEPT if name in claims}


def _text(value: object) -> str:
    """A claim as a text to compare: `true` and `123` as JSON writes them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int) else ""
