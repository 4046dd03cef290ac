"""Recovery codes: what stands on paper for the day the phone is gone."""

from __future__ import annotations

import secrets

COUNT = 10
# Without what is taken for another when it is read from paper. Sixteen of these are 78 random bits.
LETTERS = "23456789abcdefghjkmnpqrstvwxyz"
LENGTH, GROUP = 16, 4


def fresh() -> list[str]:
    """Ten new codes, such as `7kqm-2x9d-hbw4-tn5r`."""
    return [_grouped("".join(secrets.choice(LETTERS) for _ in range(LENGTH))) for _ in range(COUNT)]


def plain(typed: str) -> str:
    """The letters of a code, however it was typed; empty where it cannot be one."""
    letters = "".join(letter for letter in typed.lower() if letter not in " \t-")
    return letters if len(letters) == LENGTH and set(letters) <= set(LETTERS) else ""


def _grouped(letters: str) -> str:
    return "-".join(letters[place : place + GROUP] for place in range(0, LENGTH, GROUP))
