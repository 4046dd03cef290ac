"""Credentials: random secrets, kept under a fast hash, and passwords, kept under a slow one."""

from __future__ import annotations

import hashlib
import secrets
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

# 22 ms and 19 MiB a check, and four at once: a flood of sign-ins must not take the memory of the machine.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_at_once = BoundedSemaphore(4)
# Checked in place of a hash that does not exist, so that an unknown name takes as long as a wrong password.
# Of a random text that nobody kept, and of the same cost: each start would be longer by making one.
_NOBODYS_HASH = (
    "$argon2id$v=19$m=19456,t=2,p=1$5eKZsob0AEpRf4S+3NGj9g$b1hxTfs5qrEa/fXbWdUJUs9VmoD/WksoeRpVMcwM27Y"
)

SHORTEST, LONGEST = 12, 1024


def fresh(prefix: str = "") -> str:
    """A new secret of 256 random bits, safe in a URL."""
    return prefix + secrets.token_urlsafe(32)


def hashed(secret: str) -> str:
    """What is stored of a random secret: SHA-256, in hex."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def hash_password(password: str) -> str:
    """What is stored of a password."""
    with _at_once:
        return _hasher.hash(password.encode("utf-8", "surrogatepass"))


def is_right(password: str, stored: str | None) -> bool:
    """Whether this is the password; takes the same time where none is stored."""
    with _at_once:
        try:
            _hasher.verify(stored or _NOBODYS_HASH, password.encode("utf-8", "surrogatepass"))
        except (VerifyMismatchError, InvalidHashError):
            return False
    return stored is not None


def is_outdated(stored: str) -> bool:
    """Whether it was hashed with other parameters than today's."""
    return _hasher.check_needs_rehash(stored)
