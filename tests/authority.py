"""A certificate authority of our own, and servers' certificates by it: good ones and every sort of bad."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


@dataclass
class Authority:
    """Signs certificates; whoever trusts `certificate` (a PEM file) trusts them."""

    folder: Path
    key: ec.EllipticCurvePrivateKey
    name: x509.Name
    certificate: Path

    def server(self, host: str, days: float = 30, *, is_own: bool = False) -> ssl.SSLContext:
        """What a server for `host` needs, good for so many days, by us or (`is_own`) by itself."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = _name(host)
        signer, issuer = (key, subject) if is_own else (self.key, self.name)
        made = _builder(subject, issuer, key, days).add_extension(
            x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False
        )
        place = self.folder / f"{host}-{days}-{is_own}.pem"
        place.write_bytes(
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            + made.sign(signer, SHA256()).public_bytes(Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(place)
        return context


def found(folder: Path) -> Authority:
    """A new authority that keeps its files in the folder."""
    key, name = ec.generate_private_key(ec.SECP256R1()), _name("The tests' authority")
    made = _builder(name, name, key, 3650).add_extension(x509.BasicConstraints(True, None), critical=True)
    place = folder / "authority.pem"
    place.write_bytes(made.sign(key, SHA256()).public_bytes(Encoding.PEM))
    return Authority(folder, key, name, place)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, days: float
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=400))
        # Some hours more, so that whole days are what was asked for.
        .not_valid_after(now + timedelta(days=days, hours=6))
    )
