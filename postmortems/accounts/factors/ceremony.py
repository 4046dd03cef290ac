"""The WebAuthn ceremonies by py_webauthn: what a browser is asked for, and whether its answer is right.

Imported where one is held: it takes an eighth of a second.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import webauthn
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from postmortems.accounts.factors.relying_party import RelyingParty
from postmortems.errors import NotAllowed

LONGEST_ANSWER = 16 * 1024
# What the library raises for rubbish besides its own: no base64, numbers where texts belong, deep nests.
WRONG = (WebAuthnException, ValueError, TypeError, KeyError, AttributeError, RecursionError)


@dataclass(frozen=True, slots=True)
class NewKey:
    """A passkey that a browser has made."""

    credential_id: str
    public_key: bytes
    sign_count: int


@dataclass(frozen=True, slots=True)
class Claim:
    """Which passkey an answer is of, and whose the device says it is; not proven yet."""

    credential_id: str
    user_handle: bytes


def to_register(party: RelyingParty, challenge: bytes, name: str, handle: bytes, known: Iterable[str]) -> str:
    """What the browser is asked for to make a passkey, as JSON; never a second one on the same device."""
    options = webauthn.generate_registration_options(
        rp_id=party.id,
        rp_name="Postmortems",
        user_id=handle,
        user_name=name,
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            # Without, a passkey could not sign in before a name is typed.
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=_descriptors(known),
    )
    return webauthn.options_to_json(options)


def registered(answer: str, party: RelyingParty, challenge: bytes) -> NewKey:
    """The passkey that was made. Raises `NotAllowed` for any other answer."""
    _check_length(answer)
    try:
        made = webauthn.verify_registration_response(
            credential=_read(answer),
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=True,
        )
    except WRONG:
        raise NotAllowed("the browser's answer is not a passkey for this site; try again") from None
    return NewKey(bytes_to_base64url(made.credential_id), made.credential_public_key, made.sign_count)


def to_sign_in(party: RelyingParty, challenge: bytes, known: Iterable[str] = ()) -> str:
    """What the browser is asked for to use a passkey, as JSON; any of this site, or one of those known."""
    options = webauthn.generate_authentication_options(
        rp_id=party.id,
        challenge=challenge,
        allow_credentials=_descriptors(known),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return webauthn.options_to_json(options)


def claimed(answer: str) -> Claim:
    """Which passkey the answer names. Raises `NotAllowed` where it is none."""
    _check_length(answer)
    try:
        credential = parse_authentication_credential_json(_read(answer))
        return Claim(bytes_to_base64url(credential.raw_id), credential.response.user_handle or b"")
    except WRONG:
        raise _refused() from None


def sign_count(answer: str, party: RelyingParty, challenge: bytes, public_key: bytes) -> int:
    """How often the passkey says it was used, where the answer is right; raises `NotAllowed` where not."""
    try:
        found = webauthn.verify_authentication_response(
            credential=_read(answer),
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=public_key,
            # Whether it went back, which a copy shows, is told apart from what is wrong by `passkeys`.
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except WRONG:
        raise _refused() from None
    return found.new_sign_count


def _read(answer: str) -> dict[str, Any]:
    """An answer without the kind of device that gave it, which we keep nowhere.

    One that is not known is to count as none (WebAuthn Level 3 §5.1); py_webauthn 3.0 refuses the answer.
    """
    return {key: said for key, said in json.loads(answer).items() if key != "authenticatorAttachment"}


def _check_length(answer: str) -> None:
    if len(answer) > LONGEST_ANSWER:
        raise _refused()


def _refused() -> NotAllowed:
    return NotAllowed("this passkey was refused; try again, or sign in another way")


def _descriptors(known: Iterable[str]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(one)) for one in known]
