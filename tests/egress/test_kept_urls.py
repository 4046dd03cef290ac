"""Secrets in an address that everybody reads are refused, and nothing that only looks a little like one."""

from __future__ import annotations

import pytest

from postmortems.egress import kept_urls
from postmortems.egress.urls import Refused

HOST = "https://staging.example.org/health"
MADE_UP = "Zq9" + "xT4vB7nM2kL8" * 2

SECRET = [
    f"?token={MADE_UP}",
    "?token=short",
    "?access_token=abc",
    "?accessToken=abc",
    "?ACCESS-TOKEN=abc",
    "?private_token=abc",
    "?a=1&api_key=abc",
    "?apikey=abc",
    "?apiKey=abc",
    "?APIKEY=abc",
    "?key=abc",
    "?subscription-key=abc",
    "?X-Amz-Signature=abc",
    "?X-Amz-Security-Token=abc",
    "?sv=2022&sig=abc",
    "?client_secret=abc",
    "?password=abc",
    "?pwd=abc",
    "?user=ada&pass=abc",
    "?auth=abc",
    "?auth[key]=abc",
    "?Authorization=Bearer%20abc",
    "?jwt=abc",
    "?%74oken=abc",
    "?a=1;token=abc",
    f"?x={MADE_UP}",
    f"?{MADE_UP}",
    "?x=ghp_" + "a1B2" * 9,
    "?x=glpat-" + "a1B2" * 5,
    "?x=eyJhbGciOiJIUzI1NiJ9.e30.x",
    "#access_token=abc",
    ";token=abc",
    "/a;jsessionid=1;password=abc/b",
    f"/hooks/{MADE_UP}",
    f"/hooks/{MADE_UP[:8]}%78{MADE_UP[9:]}/status",
    "/repos/ghp_" + "a1B2" * 9,
    "/bot123456789:AAF" + "x1Yz" * 8 + "/getMe",
    "/services/T0A1B2C3D/B0A1B2C3D/" + "aB3dE5gH" * 3,
]
PLAIN = [
    "",
    "?",
    "?ready=1",
    "?verbose",
    "?token=",
    "?sort=author&keyword=monkey",
    "?primaryKey=id&sort_key=name",
    "?signed_off=true&authority=city",
    "?sha=" + "0123abcd" * 5,
    "?digest=sha256:" + "51" * 32,
    "?id=0190a8f1-7b1c-7aaa-8bbb-0123456789ab",
    "?id=0190A8F1-7B1C-7AAA-8BBB-0123456789AB",
    "?since=2026-03-02T09:00:00Z",
    "?service=DataHub-Production-Frontend-Two2",
    "?query=sum(rate(http_requests_total%5B5m%5D))",
    "#status",
    ";version=2",
    "/0190a8f1-7b1c-7aaa-8bbb-0123456789ab/status",
    "/api/v1/namespaces/DataHub-Production-Frontend2/pods",
    "/commit/" + "0123abcd" * 5,
    "/blobs/sha256:" + "51" * 32,
    "/01ARZ3NDEKTSV4RRFFQ69G5FAV",
    "/@ada/health",
]


@pytest.mark.parametrize("rest", SECRET)
def test_a_secret_in_an_address_is_refused_and_not_repeated(rest: str) -> None:
    with pytest.raises(Refused) as refused:
        kept_urls.check(HOST + rest, instead="name it as ${store:its-name}")

    assert str(refused.value).endswith("; name it as ${store:its-name}")
    for value in ("abc", MADE_UP, "ghp_", "eyJ"):
        assert value not in str(refused.value)


@pytest.mark.parametrize("rest", PLAIN)
def test_what_is_no_secret_is_kept(rest: str) -> None:
    kept_urls.check(HOST + rest, instead="")


@pytest.mark.parametrize(
    "text", ["https://ada:pw@example.org/", "https://pm_x@example.org", "ftp://example.org"]
)
def test_what_cannot_be_asked_is_not_kept_either(text: str) -> None:
    with pytest.raises(Refused) as refused:
        kept_urls.check(text, instead="")

    assert "pw" not in str(refused.value)


def test_a_password_before_the_host_is_refused_with_the_way_to_send_it() -> None:
    with pytest.raises(Refused, match=r"name or password in it is not asked; name it as .*its-name"):
        kept_urls.check("https://ada:pw@example.org/", instead="name it as ${store:its-name}")


def test_where_a_path_is_all_there_is_to_know_it_may_be_random() -> None:
    kept_urls.check(f"{HOST}/hooks/{MADE_UP}", instead="", reads_path=False)
    with pytest.raises(Refused):
        kept_urls.check(f"{HOST}/hooks/{MADE_UP}?token=abc", instead="", reads_path=False)


@pytest.mark.parametrize(
    "text, is_kept",
    [
        ("", True),
        ("build 12 of ada@example.org", True),
        ("https://", True),
        ("https://ci.example.org/job/12?page=2", True),
        (f"https://ci.example.org/job/{MADE_UP}", True),
        ("https://job:pw@ci.example.org/12", False),
        ("https://ci.example.org/job/12?token=abc", False),
    ],
)
def test_of_what_need_be_no_address_a_secret_alone_is_refused(text: str, is_kept: bool) -> None:
    try:
        kept_urls.refuse_secret(text, instead="leave it out")
    except Refused:
        assert not is_kept
    else:
        assert is_kept
