"""Codes of authenticator apps (TOTP, RFC 6238): secrets, their pictures, and which step a code is of."""

from __future__ import annotations

from datetime import datetime

import pyotp
from pyotp.exceptions import OTPVerificationError

DIGITS = 6
# A phone's clock may be a step before or behind ours.
STEPS_OFF = 1


def fresh_secret() -> str:
    """A new secret of 160 random bits, in the letters that an app takes."""
    return pyotp.random_base32()


def address(secret: str, name: str, place: str) -> str:
    """What the picture says to the app: the secret, whose it is, and where."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=place)


def picture(said: str) -> str:
    """The QR code as SVG, dark on light in every theme: cameras read no other."""
    # Not with the application: few requests draw one.
    import segno

    code = segno.make(said, error="m", micro=False)
    return str(code.svg_inline(scale=4, border=3, light="#fff", dark="#000", svgclass="qr", lineclass=None))


def is_shaped(typed: str) -> bool:
    """Whether this can be a code of an app."""
    code = "".join(typed.split())
    return code.isascii() and code.isdecimal() and len(code) == DIGITS


def step_of(typed: str, secret: str, now: datetime) -> int | None:
    """The step that this code is of, near enough to now; None for a wrong one."""
    if not is_shaped(typed):
        return None
    try:
        return pyotp.TOTP(secret).verify_and_get_timecode(
            "".join(typed.split()), for_time=now, valid_window=STEPS_OFF
        )
    except OTPVerificationError:
        return None
