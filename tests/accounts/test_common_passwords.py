"""Passwords that everybody takes are refused, and none that somebody made up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postmortems.accounts import common_passwords, operations
from postmortems.db import session as db
from postmortems.errors import Invalid
from tests.world import PASSWORD, World

COMMON = [
    *(
        "password1234",
        "Password1234!",
        "P@ssw0rd1234",
        "pa$$w0rd2024",
        "passwordpassword",
        "PASSWORD-PASSWORD",
    ),
    *("123456789012", "1234567890123456", "111111111111", "000000000000", "121212121212", "987654321098"),
    *(
        "qwertyuiop12",
        "qwertyuiopas",
        "qwerty123456",
        "1qaz2wsx3edc",
        "1q2w3e4r5t6y",
        "asdfghjkl123",
        "zxcvbnm12345",
    ),
    *("abcdefghijkl", "abcabcabcabc", "aaaaaaaaaaaa", "abcd12345678", "йцукенгшщзхъ", "qwertzuiop123"),
    *("iloveyou1234", "ILoveYou2024!", "letmeinletmein", "Welcome12345", "Willkommen2026", "changeme1234"),
    *("adminadmin123", "administrator", "Administrator1", "rootrootroot", "admin1234567", "administrator!"),
    *("Summer2026!!!", "winter-2025!", "September2026", "dragonmonkey", "football1234", "liverpool1892"),
    *(
        "michael19850312",
        "princess12345",
        "sunshine1234",
        "batmansuperman",
        "trustno1trustno1",
        "m1ch43l12345",
    ),
    *("пароль123456", "contraseña12", "motdepasse123", "Passwort2026!", "geheim123456", "senha1234567"),
    # Whole, or nearly, among those that came out most.
    *("unbelievable", "thunderstorm", "snowboarding1", "motherfucker", "manchesterunited", "christopher12"),
    *(
        "spike!000000",
        "zorro-123456",
        "woody!qwerty",
        "blink182blink",
        "jordan23jordan",
        "arsenal-1886!",
        "ncc1701dncc1701d",
        "bonnie-charlie",
        "Fernandez1234",
    ),
    *("postmortems12", "postmortem!!!", "kubernetes123", "xxxxxxxxxxxx", "!@#$%^&*()!@"),
]
MADE_UP = [
    PASSWORD,
    "another long password",
    "a new and different saying",
    "correct horse battery staple",
    "the lamp hums at four past nine",
    "vB7nM2kL8xT4",
    "Zq9xT4vB7nM2kL8",
    "gR4vel&Umbrella-Tuesday-Kiln",
    "drei rote Ziegel im Regen",
    "шесть жёлтых вагонов ждут",
    "四つの石と長い影の物語です",
    "kzfopwqmetlu",
    "lamp-hums-four-past",
    "x" * 11 + "quartz vellum brisk",
]


@pytest.mark.parametrize("password", COMMON)
def test_what_everybody_takes_is_guessed(password: str) -> None:
    assert common_passwords.is_guessable(password)


@pytest.mark.parametrize("password", MADE_UP)
def test_what_somebody_made_up_is_not(password: str) -> None:
    assert not common_passwords.is_guessable(password)


@pytest.mark.parametrize("password", ["lovelace1234", "Lovelace-2026!", "ada.lovelace", "l0velace1234"])
def test_ones_own_name_is_guessed_too(password: str) -> None:
    assert common_passwords.is_guessable(password, ["ada.lovelace"])


@given(
    st.sampled_from(sorted(word for word in common_passwords.words() if word.isalpha())),
    st.integers(0, 9999),
    st.sampled_from(["", "!", "-", "!!"]),
)
def test_a_word_with_a_number_is_guessed_however_it_is_written(word: str, number: int, sign: str) -> None:
    for written in (word, word.upper(), word.capitalize(), word.replace("a", "@").replace("o", "0")):
        assert common_passwords.is_guessable(f"{written}{number}{sign}")


def test_tens_of_thousands_of_words_are_known() -> None:
    assert len(common_passwords.words()) >= 50_000


def test_it_is_told_with_what_to_take_instead(world: World) -> None:
    with db.transaction():
        with pytest.raises(Invalid, match="too easy to guess") as refused:
            operations.set_password(PASSWORD, "Password1234!", actor=world.ada)
        with pytest.raises(Invalid, match="too easy to guess"):
            operations.add_user("grace.hopper", "author", "gracehopper1", actor=world.ben)

    assert [problem.pointer for problem in refused.value.problems] == ["/password"]
    assert "Password1234!" not in refused.value.detail
