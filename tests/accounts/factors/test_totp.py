"""Codes of authenticator apps: which step each is of, and what none is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pyotp
import pytest

from postmortems.accounts.factors import totp

# RFC 6238, appendix B: the secret "12345678901234567890", of whose eight figures an app shows the last six.
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
NOW = datetime(2026, 5, 4, 12, 0, 10, tzinfo=UTC)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.mark.parametrize(
    "instant, code",
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (20000000000, "353130")],
)
def test_the_codes_are_those_of_the_standard(instant: int, code: str) -> None:
    at = datetime.fromtimestamp(instant, UTC)

    assert totp.step_of(code, RFC_SECRET, at) == instant // 30


@pytest.mark.parametrize("seconds, is_taken", [(-61, False), (-30, True), (0, True), (30, True), (61, False)])
def test_a_phone_may_be_a_step_off(seconds: int, is_taken: bool) -> None:
    code = pyotp.TOTP(SECRET).at(NOW + timedelta(seconds=seconds))

    assert (totp.step_of(code, SECRET, NOW) is not None) == is_taken


def test_spaces_in_a_code_are_no_error() -> None:
    code = pyotp.TOTP(SECRET).at(NOW)

    assert totp.step_of(f" {code[:3]} {code[3:]} ", SECRET, NOW) is not None


@pytest.mark.parametrize(
    "wrong",
    ["", "0", "12345", "1234567", "abcdef", "１２３４５６", "١٢٣٤٥٦", "12345\ud800", "-12345", "1e5000"],
)
def test_what_is_no_code_is_none(wrong: str) -> None:
    assert totp.step_of(wrong, SECRET, NOW) is None


def test_a_fresh_secret_is_long_and_never_the_same() -> None:
    secrets = {totp.fresh_secret() for _ in range(50)}

    assert len(secrets) == 50
    assert {len(secret) for secret in secrets} == {32}


def test_the_picture_is_plain_svg_without_styles() -> None:
    svg = totp.picture(totp.address(SECRET, "ada", "Postmortems hub.example.org"))

    drawn = ElementTree.fromstring(svg)
    assert drawn.tag == "svg"
    assert not [element for element in drawn.iter() if "style" in element.attrib]


def test_an_app_reads_from_the_address_whose_secret_it_is() -> None:
    read = pyotp.parse_uri(totp.address(SECRET, "ada+b@example.org", "Postmortems hub.example.org"))

    assert (read.secret, read.name, read.issuer) == (
        SECRET,
        "ada+b@example.org",
        "Postmortems hub.example.org",
    )
