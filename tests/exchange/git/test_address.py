"""An address is one of four forms, and none of them smuggles an option, a password or another scheme."""

from __future__ import annotations

import pytest

from postmortems.errors import Invalid
from postmortems.exchange.git import address as git_address
from postmortems.exchange.git.address import FOLDER, HTTP, SSH


@pytest.mark.parametrize(
    "text, kind, host, path",
    [
        ("https://git.example.org/team/incidents.git", HTTP, "git.example.org", None),
        (" http://git.example.org:3000/x ", HTTP, "git.example.org", None),
        ("ssh://git@git.example.org:2222/team/x.git", SSH, "git.example.org", "/team/x.git"),
        ("git@github.com:team/x.git", SSH, "github.com", "team/x.git"),
        ("github.com:team/x.git", SSH, "github.com", "team/x.git"),
        ("/srv/git/incidents", FOLDER, "", "/srv/git/incidents"),
        ("/srv/git/a:b.git", FOLDER, "", "/srv/git/a:b.git"),
    ],
)
def test_an_operator_names_any_place(text: str, kind: str, host: str, path: str | None) -> None:
    address = git_address.read(text, is_operator=True)

    assert (address.kind, address.host) == (kind, host)
    assert address.path == (path or text.strip())


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "x" * 2000,
        "https://ada:s3cret@git.example.org/x.git",
        "https://ada@git.example.org/x.git",
        "https:///x.git",
        "https://git.example.org/x.git?a=b",
        "https://git.example.org/x.git#a",
        "https://git.example.org:0/x.git",
        "ftp://git.example.org/x.git",
        "git://git.example.org/x.git",
        "file:///srv/git/x.git",
        "ext://sh",
        "ssh://-oProxyCommand=x/y",
        "ssh://git.example.org",
        "ssh://ada:s3cret@git.example.org/x.git",
        "ssh://-x@git.example.org/x.git",
        "ssh://git.example.org:99999/x.git",
        "https://git.example.org/x\n.git",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        git_address.read(text, is_operator=True)


@pytest.mark.parametrize("name", ["main", "team/incidents", "refs/heads/main", "", "v1.0", "日本"])
def test_a_branch_has_a_name_as_git_takes_it(name: str) -> None:
    assert git_address.branch_name(name) == name.removeprefix("refs/heads/")


@pytest.mark.parametrize(
    "name", ["-x", "a b", "a..b", "a~1", "a^", "a:b", "a?", "/a", "a/", "a.lock", "a//b", "a@{1}"]
)
def test_other_names_of_branches_are_refused(name: str) -> None:
    with pytest.raises(Invalid):
        git_address.branch_name(name)
