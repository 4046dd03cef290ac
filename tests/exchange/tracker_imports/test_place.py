"""What somebody may write for a tracker, and what they are told of anything else."""

from __future__ import annotations

import pytest

from postmortems.errors import Invalid
from postmortems.exchange.tracker_imports import place

PLACES = {
    "github:acme/hub": ("https://api.github.com", "acme/hub"),
    "github:https://github.com/acme/hub": ("https://api.github.com", "acme/hub"),
    "github:https://github.com/acme/hub/issues": ("https://api.github.com", "acme/hub"),
    "github:https://ghe.example.com/acme/hub": ("https://ghe.example.com/api/v3", "acme/hub"),
    "gitlab:infra/team/runners": ("https://gitlab.com/api/v4", "infra/team/runners"),
    "gitlab:https://gitlab.example.com/infra/runners/-/issues": (
        "https://gitlab.example.com/api/v4",
        "infra/runners",
    ),
    "jira:https://acme.atlassian.net/OPS": ("https://acme.atlassian.net", "OPS"),
    "jira:https://acme.atlassian.net/browse/OPS": ("https://acme.atlassian.net", "OPS"),
    "jira:https://example.com/jira/projects/OPS": ("https://example.com/jira", "OPS"),
    "jira:https://acme.atlassian.net": ("https://acme.atlassian.net", ""),
    "pagerduty:": ("https://api.pagerduty.com", ""),
    "pagerduty:PIJ90N7": ("https://api.pagerduty.com", "PIJ90N7"),
}


@pytest.mark.parametrize("given, wanted", PLACES.items(), ids=PLACES.keys())
def test_a_place_is_read(given: str, wanted: tuple[str, str]) -> None:
    found = place.place_of(given)

    assert place.is_place(given)
    assert (found.api, found.place) == wanted


@pytest.mark.parametrize(
    "given",
    [
        "github:acme",
        "github:",
        "gitlab:runners",
        "jira:OPS",
        "jira:",
        "pagerduty:my service",
        "linear:OPS",
        "acme/hub",
    ],
)
def test_anything_else_is_refused_with_what_is_expected(given: str) -> None:
    with pytest.raises(Invalid, match=r"write|name a tracker"):
        place.place_of(given)


@pytest.mark.parametrize(
    "given", ["reports", "C:/reports", "https://git.example.org/team/reports.git", "a.json"]
)
def test_a_file_is_no_tracker(given: str) -> None:
    assert not place.is_place(given)


@pytest.mark.parametrize("name", ["label", "query"])
def test_what_has_lines_is_no_label_and_no_query(name: str) -> None:
    with pytest.raises(Invalid, match=f"a {name} has at most"):
        place.place_of("github:acme/hub", **{name: "a\nb"})
