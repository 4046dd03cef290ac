"""Issues as people write them: the key of each tracker's own, or help with what it looks like."""

from __future__ import annotations

import pytest

from postmortems.errors import Invalid
from postmortems.tickets import links
from postmortems.tickets.models import Tracker

PLACES = {"github": "data8/infra", "gitlab": "data8/infra", "jira": "OPS", "linear": "ENG"}


def key(service: str, said: str) -> str:
    return links.key_of(Tracker(service=service, place=PLACES[service]), said)


@pytest.mark.parametrize(
    "service, said, means",
    [
        ("github", "#12", "12"),
        ("github", "12", "12"),
        ("github", "https://github.com/data8/infra/issues/12", "12"),
        ("gitlab", "#12", "12"),
        ("gitlab", "https://gitlab.com/data8/infra/-/work_items/12", "12"),
        ("jira", "OPS-12", "OPS-12"),
        ("jira", "12", "OPS-12"),
        ("jira", " #12 ", "OPS-12"),
        ("jira", "https://data8.atlassian.net/browse/OPS-12", "OPS-12"),
        ("linear", "ENG-12", "ENG-12"),
        ("linear", "#12", "ENG-12"),
        ("linear", "https://linear.app/data8/issue/ENG-12/order-disks", "ENG-12"),
    ],
)
def test_an_issue_is_known_by_number_key_and_address(service: str, said: str, means: str) -> None:
    assert key(service, said) == means


@pytest.mark.parametrize(
    "service, said, told",
    [
        ("github", "one", "write an issue of data8/infra as GitHub does: its number or address"),
        ("jira", "one", "write an issue of OPS as Jira does: its key, such as OPS-12, or address"),
        ("linear", "0", "write an issue of ENG as Linear does: its key, such as ENG-12, or address"),
        ("jira", "OTHER-1", "that is no issue of OPS: choose the tracker that it is in"),
    ],
)
def test_what_is_no_issue_there_is_told_in_the_trackers_own_form(service: str, said: str, told: str) -> None:
    with pytest.raises(Invalid) as refused:
        key(service, said)

    assert refused.value.detail == told
