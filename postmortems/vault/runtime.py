"""Runtime: the egress, vault, signer and settings of one process, made once where it starts and passed on."""

from __future__ import annotations

from dataclasses import dataclass, field

from postmortems.config import Settings
from postmortems.egress import client
from postmortems.egress.client import Egress
from postmortems.signatures.jwt import Signer
from postmortems.vault.encryption import Vault


@dataclass(frozen=True, slots=True)
class Runtime:
    """What a process reaches the outside with. Threads share one. `provider` calls the identity provider."""

    egress: Egress
    vault: Vault
    signer: Signer
    settings: Settings = field(default_factory=Settings)
    provider: Egress = field(default_factory=Egress)

    @classmethod
    def of(cls, settings: Settings) -> Runtime:
        """By these settings; the egress sends the vault's secrets. Raises `Misconfigured`."""
        vault = Vault(settings)
        egress, provider = client.of(settings, vault.reveal), client.to_provider(settings)
        return cls(egress, vault, Signer(settings), settings, provider)
