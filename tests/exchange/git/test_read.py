"""Repositories are read where they lie or over HTTP; whatever they hold, it ends, and with a sentence."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from postmortems.db import session as db
from postmortems.egress.client import Egress
from postmortems.errors import Invalid, Refusal, Unavailable
from postmortems.exchange.git import read as git_read
from postmortems.exchange.git.pack_limits import Limits
from postmortems.exchange.git.read import InGit
from tests.exchange import repositories
from tests.exchange.repositories import bare, git, push, served
from tests.loopback import drip, flood, http, listening

OUT = Egress(("127.0.0.0/8",))
FILES = {"incidents/a.md": b"# A\n", "incidents/2020/b.md": b"# B\r\n", "logo.png": b"\0", "README.md": b"x"}


def is_markdown(name: str) -> bool:
    return name.endswith(".md")


def read(place: object, branch: str = "", **given: Any) -> list[InGit]:
    given = {"wanted": is_markdown, "way_out": OUT, "is_operator": True} | given
    return list(git_read.files(str(place), branch, **given))


def names(place: object, branch: str = "", **given: Any) -> list[str]:
    return [file.name for file in read(place, branch, **given)]


def test_a_bare_repository_gives_the_wanted_files_with_their_bytes(tmp_path: Path) -> None:
    found = read(bare(tmp_path, FILES))

    assert [(file.name, file.content) for file in found] == [
        ("README.md", b"x"),
        ("incidents/2020/b.md", b"# B\r\n"),
        ("incidents/a.md", b"# A\n"),
    ]


def test_a_working_copy_is_read_as_committed_not_as_it_lies(tmp_path: Path) -> None:
    bare(tmp_path, FILES)
    (tmp_path / "clone" / "incidents" / "a.md").write_bytes(b"# Not committed\n")

    assert read(tmp_path / "clone", folder="incidents")[1].content == b"# A\n"


def test_a_folder_of_it_gives_names_below_that_folder(tmp_path: Path) -> None:
    place = bare(tmp_path, FILES)

    assert names(place, folder="incidents/") == ["2020/b.md", "a.md"]
    assert names(place, folder="incidents/2020") == ["b.md"]
    assert names(place, folder="elsewhere") == []
    assert names(place, folder="README.md") == []


def test_a_branch_is_read_by_name_and_the_repository_names_the_first(tmp_path: Path) -> None:
    place = bare(tmp_path, FILES)
    push(place, tmp_path / "clone", {"c.md": b"# C\n"}, "More", branch="drafts")

    assert "c.md" in names(place, "drafts")
    assert "c.md" not in names(place)
    with pytest.raises(Refusal, match="there is no branch nothing; it has"):
        read(place, "nothing")


def test_over_http_only_the_newest_commit_is_fetched(tmp_path: Path) -> None:
    place = bare(tmp_path, FILES)
    push(place, tmp_path / "clone", {"incidents/a.md": b"# A, again\n"}, "Again")

    with served(tmp_path) as server:
        over_http = read(f"{server.url}/incidents.git", is_operator=False)

    assert over_http == read(place)
    assert [request.split("?")[0] for request, _ in server.seen] == [
        "GET /incidents.git/info/refs",
        "POST /incidents.git/git-upload-pack",
        "POST /incidents.git/git-upload-pack",
    ]
    assert all(headers["User-Agent"].startswith("git/") for _, headers in server.seen)


def test_over_http_a_branch_is_read_by_name_too(tmp_path: Path) -> None:
    place = bare(tmp_path, FILES)
    push(place, tmp_path / "clone", {"c.md": b"# C\n"}, "More", branch="drafts")

    with served(tmp_path) as server:
        assert "c.md" in names(f"{server.url}/incidents.git", "drafts")
        with pytest.raises(Refusal, match="there is no branch nothing; it has main, drafts"):
            read(f"{server.url}/incidents.git", "nothing")


def test_a_secret_goes_along_and_is_told_nowhere(tmp_path: Path) -> None:
    bare(tmp_path, FILES)

    with served(tmp_path, "ada:s3cret") as server:
        url = f"{server.url}/incidents.git"
        assert len(read(url, secret="ada:s3cret")) == 3
        for secret in ("", "ada:wrong"):
            with pytest.raises(Refusal, match="wants a name and password") as refused:
                read(url, secret=secret)
            assert "wrong" not in str(refused.value)


def test_over_ssh_the_operators_own_ssh_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = bare(tmp_path, FILES)
    tools = tmp_path / "tools"
    tools.mkdir()
    # What stands for ssh here runs the last word of its command line, as the other side would.
    (tools / "ssh").write_text('#!/bin/sh\nfor word in "$@"; do :; done\nexec sh -c "$word"\n')
    (tools / "ssh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")

    assert names(f"ssh://git@git.example.org{place}", folder="incidents") == ["2020/b.md", "a.md"]
    assert names(f"git@git.example.org:{place}", folder="incidents") == ["2020/b.md", "a.md"]


def test_links_and_submodules_are_named_and_not_followed(tmp_path: Path) -> None:
    place = bare(tmp_path, FILES)
    clone = tmp_path / "clone"
    (clone / "passwd.md").symlink_to("/etc/passwd")
    git(clone, "add", "passwd.md")
    git(clone, "update-index", "--add", "--cacheinfo", f"160000,{'a' * 40},inner")
    git(clone, "commit", "-q", "-m", "Trap")
    git(clone, "push", "-q", "origin", "main")

    troubles = {file.name: file.trouble for file in read(place) if file.trouble}

    assert troubles == {
        "inner": "another repository inside this one; it is not followed",
        "passwd.md": "a link; links are not followed",
    }


@pytest.mark.parametrize(
    "name, trouble",
    [
        (b"..", "its name leads out of the folder"),
        (b"a/../../b.md", "its name leads out of the folder"),
        (b"caf\xe9.md", "its name is not UTF-8"),
    ],
)
def test_a_hostile_name_is_told_and_not_read(tmp_path: Path, name: bytes, trouble: str) -> None:
    from dulwich.objects import Blob, Commit, Tree
    from dulwich.repo import Repo

    place = bare(tmp_path)
    with Repo(str(place)) as repo:
        blob, tree, commit = Blob.from_string(b"x"), Tree(), Commit()
        tree.add(name, 0o100644, blob.id)
        commit.tree, commit.author, commit.committer = tree.id, b"a <a>", b"a <a>"
        commit.author_time = commit.commit_time = commit.author_timezone = commit.commit_timezone = 0
        commit.message = b"x"
        for thing in (blob, tree, commit):
            repo.object_store.add_object(thing)
        repo.refs[b"refs/heads/main"] = commit.id

    [file] = read(place, wanted=lambda name: True)

    assert (file.content, file.trouble) == (b"", trouble)


def test_an_empty_repository_says_so(tmp_path: Path) -> None:
    place = bare(tmp_path)

    with served(tmp_path) as server:
        for each in (place, f"{server.url}/incidents.git"):
            with pytest.raises(Refusal, match="the repository is empty"):
                read(each)


@pytest.mark.parametrize(
    "limits, said",
    [
        (Limits(files=2), "holds more than 2 reports"),
        (Limits(objects=2), "holds more than 2 files and folders"),
        (Limits(largest=10), "a file of more than 0 MB"),
        (Limits(unpacked=10), "more than 0 MB"),
        (Limits(packed=20), "more than is taken|larger than 0 MB"),
        (Limits(seconds=0), "took too long"),
    ],
)
def test_what_is_more_than_is_taken_is_refused(tmp_path: Path, limits: Limits, said: str) -> None:
    bare(tmp_path, FILES)

    with served(tmp_path) as server, pytest.raises(Refusal, match=said) as refused:
        read(f"{server.url}/incidents.git", limits=limits)

    assert str(refused.value).startswith(server.url)


def packets(*lines: bytes) -> bytes:
    return b"".join(b"%04x%s" % (len(line) + 4, line) if line else b"0000" for line in lines)


def advertised(capabilities: bytes) -> bytes:
    head = b"a" * 40 + b" HEAD\0" + capabilities + b"\n"
    lines = packets(b"# service=git-upload-pack\n", b"", head, b"a" * 40 + b" refs/heads/main\n", b"")
    return http(lines, "200 OK", AS_GIT)


AS_GIT = "Content-Type: application/x-git-upload-pack-advertisement"


@pytest.mark.parametrize(
    "answer, said",
    [
        (http(b"<html>", "200 OK", "Content-Type: text/html"), "is no git repository"),
        (http(b"", "301 Moved", "Location: https://evil.example.org/x"), "sends us on to https://evil.exam"),
        (http(b"", "404 Not Found"), "knows no such repository"),
        (http(b"", "500 Broken"), "answered 500"),
        (http(b"zzzz", "200 OK", AS_GIT), "Invalid pkt-line"),
        (http(b"", "200 OK", AS_GIT), "damaged|hung up|unexpectedly"),
        (advertised(b""), "does not support shallow"),
        (advertised(b"shallow"), "Invalid content-type"),
        (b"nonsense\r\n\r\n", "does not speak HTTP|connection broke|cannot be reached"),
        (drip(f"HTTP/1.1 200 OK\r\n{AS_GIT}\r\n\r\n0fff".encode()), "no answer within|cannot be reached"),
        (flood, "no git repository"),
    ],
)
def test_a_hostile_server_is_refused_with_a_sentence(answer: Any, said: str) -> None:
    with listening(answer) as place, pytest.raises(Refusal, match=said):
        read(place.url("/x.git"), is_operator=False, limits=Limits(seconds=2))


def test_an_address_that_the_operator_has_not_allowed_is_not_asked() -> None:
    with listening(http()) as place, pytest.raises(Unavailable, match="cannot be reached"):
        read(place.url("/x.git"), way_out=Egress())

    assert place.visits == []


@pytest.mark.parametrize("place", ["/etc", "ssh://git@host/x", "git@host:x", "file:///etc", "../incidents"])
def test_who_is_no_operator_names_neither_folders_nor_keys(place: str) -> None:
    with pytest.raises(Invalid):
        read(place, is_operator=False)


def test_no_repository_is_read_inside_a_unit_of_work(database: str, tmp_path: Path) -> None:
    place = bare(tmp_path, FILES)

    with db.reading(), pytest.raises(RuntimeError):
        read(place)


def test_a_folder_that_is_no_repository_says_so(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="there is no git repository"):
        read(tmp_path)


def test_a_repository_whose_objects_are_gone_says_so(tmp_path: Path) -> None:
    place = bare(tmp_path, FILES)
    for file in (place / "objects").rglob("*"):
        if file.is_file():
            file.unlink()

    with pytest.raises(Refusal, match="damaged"):
        read(place)


@pytest.fixture(autouse=True)
def _nobodys_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests has settings of git, which are no part of them."""
    for name, value in repositories.WHO.items():
        monkeypatch.setenv(name, value)
