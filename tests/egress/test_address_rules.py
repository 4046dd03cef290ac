"""Which addresses may be called: a table of those that may and a longer one of those that may not."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from postmortems.egress import address_rules
from postmortems.errors import Misconfigured

EVERYTHING = ("0.0.0.0/0", "::/0", "*")


def why_not(host: str, address: str, port: int = 443, allow: tuple[str, ...] = ()) -> str:
    return address_rules.ruling(
        host, ip_address(address), port, tuple(map(address_rules.read, allow))
    ).refusal


@pytest.mark.parametrize("port", [80, 443, 1024, 8443])
@pytest.mark.parametrize(
    "address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:93.184.215.14"]
)
def test_public_addresses_may_be_called(address: str, port: int) -> None:
    assert why_not("example.org", address, port) == ""


@pytest.mark.parametrize("port", [1, 22, 25, 110, 1023])
def test_odd_low_ports_of_public_addresses_need_an_allowance(port: int) -> None:
    assert f"port {port}" in why_not("example.org", "93.184.215.14", port)
    assert why_not("example.org", "93.184.215.14", port, ("example.org",)) == ""


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "169.254.0.1",
        "::ffff:169.254.169.254",
        "fd00:ec2::254",
        "fd20:ce::254",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "::ffff:0:169.254.169.254",
        "2606:2800:220:1:0:5efe:a9fe:a9fe",
        "2606:2800:220:1:200:5efe:7f00:1",
        "2606:2800:220:1::5%eth0",
        "fe80::1%1",
        "2002:a9fe:a9fe::1",
        "2001:0:a9fe:a9fe::1",
        "::169.254.169.254",
        "::127.0.0.1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "0.0.0.0",
        "0.1.2.3",
        "::",
    ],
)
def test_metadata_and_its_like_are_refused_even_when_all_is_allowed(address: str) -> None:
    assert "never allowed" in why_not("hub.internal", address, allow=EVERYTHING)


@pytest.mark.parametrize(
    "address",
    [
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "127.255.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "::1",
        "::ffff:10.1.2.3",
        "100::1",
        "2001:db8::1",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd12::1",
    ],
)
def test_private_addresses_need_the_operators_allowance(address: str) -> None:
    assert "operator has not allowed" in why_not("hub.internal", address)
    assert why_not("hub.internal", address, allow=EVERYTHING) == ""


@pytest.mark.parametrize(
    "entry, host, address, is_allowed",
    [
        ("10.0.0.0/8", "a.internal", "10.1.2.3", True),
        ("10.0.0.0/8", "a.internal", "192.168.0.1", False),
        ("10.1.2.3", "a.internal", "10.1.2.3", True),
        ("10.0.0.0/8:8080", "a.internal", "10.1.2.3", True),
        ("10.0.0.0/8:8081", "a.internal", "10.1.2.3", False),
        ("10.0.0.0/8", "a.internal", "::ffff:10.1.2.3", True),
        ("fd12::/16", "a.internal", "fd12::5", True),
        ("[fd12::/16]:8080", "a.internal", "fd12::5", True),
        ("[fd12::/16]:80", "a.internal", "fd12::5", False),
        ("hub.internal", "hub.internal", "10.1.2.3", True),
        ("hub.internal", "HUB.internal", "10.1.2.3", True),
        ("hub.internal", "hub.internal.", "10.1.2.3", True),
        ("hub.internal", "evil-hub.internal", "10.1.2.3", False),
        ("hub.internal", "hub.internal.evil.org", "10.1.2.3", False),
        ("*.hub.internal", "staging.hub.internal", "10.1.2.3", True),
        ("*.hub.internal", "hub.internal", "10.1.2.3", False),
        ("hub.internal:8080", "hub.internal", "10.1.2.3", True),
        ("hub.internal:443", "hub.internal", "10.1.2.3", False),
        ("hub.internal:443+8080", "hub.internal", "10.1.2.3", True),
        ("hub.internal:443+8000-8999", "hub.internal", "10.1.2.3", True),
        ("hub.internal:443+9000-9999", "hub.internal", "10.1.2.3", False),
        ("*.hub.internal@10.0.0.0/8:8080", "staging.hub.internal", "10.1.2.3", True),
        ("*.hub.internal@10.0.0.0/8:8080", "staging.hub.internal", "192.168.0.1", False),
        ("*.hub.internal@10.0.0.0/8:8080", "evil.internal", "10.1.2.3", False),
        ("*.hub.internal@[fd12::/16]:8080", "a.hub.internal", "fd12::5", True),
        ("*.hub.internal@[fd12::/16]:443", "a.hub.internal", "fd12::5", False),
    ],
)
def test_the_list_allows_networks_and_hosts_with_or_without_a_port(
    entry: str, host: str, address: str, is_allowed: bool
) -> None:
    assert (why_not(host, address, 8080, (entry,)) == "") is is_allowed


@pytest.mark.parametrize(
    "entry",
    [
        "",
        "-",
        "a b",
        "10.0.0.0/40",
        "10.0.0.1/8",
        "10.0.0.300",
        "[fd12::",
        "http://hub.internal",
        "hub.internal:0",
        "hub.internal:99999",
        "hub.internal:0-80",
        "hub.internal:90-80",
        "hub.internal:80+",
        "hub.internal:80-99999",
        "a.internal@hub.internal",
        "a b@10.0.0.0/8",
        "a@b@10.0.0.0/8",
        "hub.internal:x",
        "hub/24",
    ],
)
def test_an_entry_that_cannot_be_read_stops_the_start(entry: str) -> None:
    with pytest.raises(Misconfigured, match="POSTMORTEMS_EGRESS_ALLOW"):
        address_rules.read(entry)


def test_the_ruling_names_the_rule_that_allows() -> None:
    rules = tuple(map(address_rules.read, ("10.0.0.0/8:443", "*.internal:8080")))
    found = address_rules.ruling("hub.internal", ip_address("10.1.2.3"), 8080, rules)

    assert (found.rule, found.is_private) == ("*.internal:8080", True)
    assert (
        address_rules.ruling("example.org", ip_address("93.184.215.14"), 443, rules)
        == address_rules.AddressVerdict()
    )
