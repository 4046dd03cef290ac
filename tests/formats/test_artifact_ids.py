"""What names an artifact, and what does not because it can be moved or was cut off."""

from __future__ import annotations

import pytest

from postmortems.formats import artifact_ids

LETTERS = "0123456789abcdef" * 8


@pytest.mark.parametrize("algorithm", artifact_ids.ALGORITHMS)
def test_a_digest_is_an_algorithm_and_as_many_digits_as_it_has(algorithm: str) -> None:
    whole = f"{algorithm}:{LETTERS[: artifact_ids.ALGORITHMS[algorithm]]}"

    assert artifact_ids.digest(whole) == artifact_ids.digest(f" {whole.upper()} ") == whole
    assert artifact_ids.named(whole) == {"digest": whole}
    for wrong in (whole[:-1], whole + "0", whole[:-1] + "g", whole.replace(":", "-"), whole + "\n0"):
        with pytest.raises(ValueError, match="digest"):
            artifact_ids.digest(wrong)


@pytest.mark.parametrize(
    "text, why",
    [
        ("latest", "can be moved"),
        ("v1.2.3", "can be moved"),
        ("main", "can be moved"),
        ("", "can be moved"),
        ("sha256:xyz", "64 hexadecimal digits"),
        ("sha256:", "64 hexadecimal digits"),
        ("sha256:8c0a6f6d5b2f", "64 hexadecimal digits"),
        ("sha256:" + "８" * 64, "64 hexadecimal digits"),
        ("sha512:" + "a" * 64, "128 hexadecimal digits"),
        ("sha256:sha256:" + "a" * 57, "64 hexadecimal digits"),
        ("md5:" + "a" * 32, "'md5' is none of sha256"),
        ("hub:1.2.3", "'hub' is none of sha256"),
        (":" + "a" * 64, "'' is none of sha256"),
        ("quay.io/hub@sha256:" + "a" * 64, "behind its @"),
        ("quay.io:5000/hub", "none of sha256"),
        ("a" * 64, "does not say its algorithm"),
        ("A" * 40, "a commit goes in sha"),
        ("a" * 50, "can be moved"),
        ("shake128:" + "a" * 64, "'shake128' is none of sha256"),
        ("sha-256:" + "a" * 64, "'sha-256' is none of sha256"),
        ("sha256+b64u:" + "a" * 64, "none of sha256"),
    ],
)
def test_what_is_no_digest_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        artifact_ids.digest(text)


@pytest.mark.parametrize(
    "text", ["", "abc", "0123abc", "main", "v1.2.3", "a" * 39, "a" * 41, "a" * 63, "g" * 40]
)
def test_a_commit_is_whole(text: str) -> None:
    with pytest.raises(ValueError, match="all its 40 or 64"):
        artifact_ids.commit_id(text)


@pytest.mark.parametrize("length", [40, 64])
def test_a_commit_is_kept_in_small_letters(length: int) -> None:
    assert artifact_ids.named("AB" * (length // 2)) == {"sha": "ab" * (length // 2)}


@pytest.mark.parametrize(
    "text, why", [("latest", "can be moved"), ("0123abc", "all its 40"), ("sha256:xyz", "64")]
)
def test_what_names_nothing_is_neither(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        artifact_ids.named(text)


def test_nothing_is_the_same_as_nothing_else() -> None:
    assert not artifact_ids.are_same("", "")
    assert artifact_ids.are_same("sha256:AB", "SHA256:ab")
