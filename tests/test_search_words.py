"""How a search is read, and how texts are folded for it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postmortems import search_words

ALIKE = [
    ("überwache", "ÜBERWACHE"),
    ("überwache", "u\u0308berwache"),
    ("überwache", "uberwache"),
    ("ошибка", "ОШИБКА"),
    ("ёлка", "ЕЛКА"),
    ("й", "и\u0306"),
    ("ΟΔΟΣ", "οδος"),
    ("όδός", "οδοσ"),
    ("Straße", "STRASSE"),
    ("STRAẞE", "strasse"),
    ("İstanbul", "istanbul"),
    ("ISPARTA", "ısparta"),
    ("Łódź", "lodz"),
    ("smørrebrød", "SMORREBROD"),
    ("Ærø", "aero"),
    ("ﬁle", "FILE"),
    ("ＨＵＢ８", "hub8"),
    ("ﾊﾟｰｼﾞ", "パージ"),
    ("パ", "ハ\u309a"),
    ("한국", "\u1112\u1161\u11ab\u1100\u116e\u11a8"),
    ("don’t", "don't"),
    ("re‑deploy", "re-deploy"),
    ("data\u00adbase", "database"),
    ("☎\ufe0f", "☎"),
    ("a\u00a0b", "a b"),
    ("a\n\n   b", "a b"),
    ("㎒", "mhz"),
    ("Ꮳ", "ꮳ"),
    ("Ա", "ա"),
    ("Ⴀ", "ⴀ"),
]  # fmt: skip
APART = [
    ("ハ", "パ"),  # a voicing mark makes another letter
    ("하", "한"),
    ("कि", "क"),
    ("a_b", "a b"),
    ("50%", "50"),
    ("-", ""),
    ("*", ""),
]
# A query, a text, and whether it is found there.
FOUND = [
    ("straße", "STRASSE 5", True),
    ("ISPARTA", "Isparta ve ısparta", True),
    ("οδος", "ΟΔΌΣ", True),
    ("@jörg", "cc @JO\u0308RG", True),
    ("ＦＵＬＬ", "disk full", True),
    ("障害", "サービス障害が発生した", True),
    ("„zwei Worte“", "ein zwei\nWorte drei", True),
    ("«deux mots»", "les deux\u00a0mots ici", True),
    ('"two words"', "words two", False),
    ('say "hi', "say hi", True),
    ("100%", "1000", False),
    ("a_b", "axb", False),
    ("\\", "C:\\logs", True),
]
QUERIES = [
    ("", ()),
    ("   \t\n", ()),
    ("lab users", ("lab", "users")),
    ("LAB  lab", ("lab",)),
    ('"lab users"', ("lab users",)),
    ('"Lab   Users" hub', ("lab users", "hub")),
    ("“Lab Users”", ("lab users",)),
    ("„Größter Ärger“ jetzt", ("grosster arger", "jetzt")),
    ("« mise en production »", ("mise en production",)),
    ("「障害 対応」", ("障害 対応",)),
    ("＂ａ　ｂ＂", ("a b",)),
    ("障害　対応", ("障害", "対応")),
    ('title:"a b"', ("title:", "a b")),
    ('"a b" "c d"', ("a b", "c d")),
    ('"a b', ("a", "b")),
    ('a b"', ("a", "b")),
    ('5" disk', ("5", "disk")),
    ('"', ()),
    ('""', ()),
    ('" "', ()),
    ('"a" "', ("a",)),
    ("\u200b", ()),
    ("\u0301", ()),
    ("%", ("%",)),
    ("100% _x_", ("100%", "_x_")),
    ("*", ("*",)),
    ("- – —", ("-",)),
    ("'single quotes'", ("'single", "quotes'")),
    ("\\ / [a-z]", ("\\", "/", "[a-z]")),
    ("@Jörg", ("@jorg",)),
]  # fmt: skip
PEOPLE = [
    ("@Jörg", "jorg"),
    (" JÖRG ", "jorg"),
    ("Ada Lovelace", "ada lovelace"),
    ("@", ""),
    ("", ""),
    ("a@b", "a@b"),
]


@pytest.mark.parametrize("one, other", ALIKE)
def test_capitals_accents_and_notation_do_not_count(one: str, other: str) -> None:
    assert search_words.fold(one) == search_words.fold(other)


@pytest.mark.parametrize("one, other", APART)
def test_letters_and_signs_that_differ_stay_apart(one: str, other: str) -> None:
    assert search_words.fold(one) != search_words.fold(other)


@pytest.mark.parametrize("query, parts", QUERIES)
def test_a_query_is_words_and_phrases(query: str, parts: tuple[str, ...]) -> None:
    assert search_words.read(query) == parts


@pytest.mark.parametrize("query, text, is_found", FOUND)
def test_what_is_typed_finds_what_was_written(query: str, text: str, is_found: bool) -> None:
    folded = search_words.fold(text)

    assert all(part in folded for part in search_words.read(query)) == is_found


@pytest.mark.parametrize("name, key", PEOPLE)
def test_names_are_compared_without_their_at(name: str, key: str) -> None:
    assert search_words.person(name) == key


def test_a_name_that_folding_lengthens_still_fits_its_column() -> None:
    assert len(search_words.person("ﷺ" * 200)) <= search_words.LONGEST_NAME


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    once = search_words.fold(text)

    assert search_words.fold(once) == once


@given(st.text())
def test_capitals_never_hide_a_text(text: str) -> None:
    assert search_words.fold(text.casefold()) == search_words.fold(text)


@given(st.text(), st.text(), st.text())
def test_every_phrase_of_a_text_finds_it(before: str, phrase: str, behind: str) -> None:
    """A phrase of whole words: at its ends a mark may belong to the letter beside it."""
    text = search_words.fold(f"{before} x {phrase} x {behind}")

    assert all(part in text for part in search_words.read(f'"x {phrase} x"'))
