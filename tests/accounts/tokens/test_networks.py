"""From where a token is accepted: what may be written, and which address is in it."""

from __future__ import annotations

import pytest

from postmortems.accounts.tokens import networks


@pytest.mark.parametrize(
    "listed",
    [
        [],
        ["10.0.0.0/8"],
        ["192.0.2.7"],
        ["192.0.2.7/32", "fd00::/8"],
        ["::1"],
        ["0.0.0.0/0", "::/0"],
    ],
)
def test_what_is_a_network_is_taken(listed: list[str]) -> None:
    assert networks.wrong(listed) == ""


@pytest.mark.parametrize(
    "listed",
    [
        ["10.0.0.1/8"],
        ["10.0.0.0/33"],
        ["10.0.0"],
        ["example.org"],
        [""],
        [" "],
        ["10.0.0.0/8;fd00::/8"],
        ["fd00::1%eth0/64"],
        ["٠.٠.٠.٠/٠"],
        ["10.0.0.0/8", "x" * 300],
    ],
)
def test_what_is_none_is_named(listed: list[str]) -> None:
    assert networks.wrong(listed).startswith(f"{listed[-1][:60]!r} is no network")


def test_there_are_so_many_at_most() -> None:
    assert networks.wrong(["10.0.0.0/8"] * networks.MOST) == ""
    assert "20 networks at most" in networks.wrong(["10.0.0.0/8"] * (networks.MOST + 1))


@pytest.mark.parametrize(
    "listed, address, is_passed",
    [
        ([], "203.0.113.9", True),
        ([], "", True),
        (["10.0.0.0/8"], "10.1.2.3", True),
        (["10.0.0.0/8"], "::ffff:10.1.2.3", True),
        (["10.0.0.0/8"], "11.1.2.3", False),
        (["10.0.0.0/8"], "", False),
        (["10.0.0.0/8"], "unknown", False),
        (["10.0.0.0/8"], "fd00::1", False),
        (["10.0.0.0/8", "fd00::/8"], "fd00::1", True),
        (["192.0.2.7"], "192.0.2.8", False),
    ],
)
def test_an_address_is_in_it_or_not(listed: list[str], address: str, is_passed: bool) -> None:
    assert networks.are_passed(listed, address) is is_passed
