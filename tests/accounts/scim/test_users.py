"""Accounts by SCIM: the requests that Okta, Entra and others send, and those that nobody should."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from sqlalchemy import select

from postmortems import clock
from postmortems.accounts import queries
from postmortems.accounts.factors import queries as factors
from postmortems.accounts.models import User
from postmortems.accounts.programs import operations as programs
from postmortems.actor import Actor
from postmortems.audit import queries as audit
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.notify.people import operations as people
from postmortems.notify.people.models import NotificationSettings
from tests.accounts.factors import phones
from tests.accounts.scim.directory import ENTERPRISE, PATCH, USER, Directory
from tests.world import World

OKTA = {
    "schemas": [USER],
    "userName": "dora@example.com",
    "name": {"givenName": "Dora", "familyName": "Doe"},
    "emails": [{"primary": True, "value": "dora@example.com", "type": "work"}],
    "displayName": "Dora Doe",
    "locale": "en-US",
    "externalId": "00ujl29u0le5T6Aj10h7",
    "groups": [],
    "password": "1mz050nq",
    "active": True,
}
ENTRA = {
    "schemas": [USER, ENTERPRISE],
    "externalId": "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef",
    "userName": "dora@example.com",
    "active": True,
    "emails": [{"primary": True, "type": "work", "value": "dora@example.com"}],
    "meta": {"resourceType": "User"},
    "name": {"formatted": "Dora Doe", "familyName": "Doe", "givenName": "Dora"},
    "roles": [],
    ENTERPRISE: {"department": "Operations", "manager": "17"},
}
BARE = {"schemas": [USER], "userName": "dora@example.com"}


def stored(name: str) -> User:
    with db.reading():
        return queries.account(name)


def verbs() -> list[tuple[str, str]]:
    with db.reading():
        return [(event.verb, event.actor) for event in audit.latest(limit=4)]


@pytest.mark.parametrize("body", [OKTA, ENTRA, BARE])
def test_a_directory_makes_an_account(any_database: str, directory: Directory, body: dict[str, Any]) -> None:
    answer = directory.ask("POST", "/Users", body)

    made = answer.get_json()
    assert answer.status_code == 201
    assert answer.headers["Location"].endswith(f"/scim/v2/Users/{made['id']}")
    assert (made["userName"], made["active"]) == ("dora@example.com", True)
    assert made.get("externalId") == body.get("externalId")
    user = stored("dora@example.com")
    assert (user.role, user.is_active, user.password_hash) == ("viewer", True, None)
    assert ("user.added", "scim") in verbs()


def test_one_that_is_to_be_inactive_is_made_switched_off(directory: Directory) -> None:
    assert directory.create("dora", active=False)["active"] is False
    assert not stored("dora").is_active


@pytest.mark.parametrize(
    "wanted, names",
    [
        ('userName eq "ada"', ["ada"]),
        ('userName eq "ADA"', ["ada"]),
        ('USERNAME Eq "Ada"', ["ada"]),
        (f'{USER}:userName eq "ada"', ["ada"]),
        ('userName eq "nobody"', []),
        ('userName eq "a%"', []),
        ('externalId eq "x-1"', ["dora"]),
        ('externalId eq "X-1"', []),
        ('id eq "1"', ["ada"]),
        ('id eq "01"', []),
        ('id eq "99999999999999999999"', []),
        ('userName eq "dora" and externalId eq "x-1"', ["dora"]),
        ('userName eq "ada" and externalId eq "x-1"', []),
        ('userName eq "ada" and active eq true', ["ada"]),
        ('userName eq "ada" and active eq "False"', []),
        ("active eq false", ["dora"]),
        ('userName sw "d"', ["dora"]),
        ('userName eq "ada" or externalId eq "x-1"', ["ada", "dora"]),
        ('not (userName eq "ada") and active eq true', ["ben", "cy"]),
        ("externalId pr", ["dora"]),
        ('userName eq "a\\"b"', []),
        ('userName eq "ada\\u0000"', []),
        ('externalId eq "\\ud800"', []),
    ],
)
def test_a_filter_finds_whom_it_means(
    any_database: str, directory: Directory, wanted: str, names: list[str]
) -> None:
    directory.create("dora", externalId="x-1", active=False)

    assert [one["userName"] for one in directory.find("/Users", wanted)] == names


@pytest.mark.parametrize(
    "query, start, names",
    [
        ({}, 1, ["ada", "ben", "cy"]),
        ({"startIndex": "1", "count": "2"}, 1, ["ada", "ben"]),
        ({"startIndex": "3", "count": "2"}, 3, ["cy"]),
        ({"startIndex": "9", "count": "2"}, 9, []),
        ({"startIndex": "0", "count": "1"}, 1, ["ada"]),
        ({"startIndex": "-5", "count": "1"}, 1, ["ada"]),
        ({"startIndex": "9" * 30}, 2**31, []),
        ({"count": "0"}, 1, []),
        ({"count": "-1"}, 1, []),
        ({"count": "100000"}, 1, ["ada", "ben", "cy"]),
        ({"filter": "active eq true", "startIndex": "2", "count": "1"}, 2, ["ben"]),
    ],
)
def test_a_page_begins_where_it_is_asked_to(
    any_database: str, directory: Directory, query: dict[str, str], start: int, names: list[str]
) -> None:
    page = directory.ask("GET", "/Users", query=query).get_json()

    assert [one["userName"] for one in page["Resources"]] == names
    assert (page["totalResults"], page["startIndex"]) == (3, start)


def test_a_search_in_a_body_finds_what_one_in_the_address_finds(directory: Directory) -> None:
    """RFC 7644, 3.4.3: a name that a filter says need not stand in addresses, which are logged."""
    asked = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
        "filter": 'userName eq "ben" or userName eq "cy"',
        "startIndex": 2,
        "count": 1,
        "attributes": ["userName"],
    }

    answer = directory.ask("POST", "/Users/.search", asked)

    assert answer.status_code == 200
    page = answer.get_json()
    assert (page["totalResults"], page["startIndex"]) == (2, 2)
    [found] = page["Resources"]
    assert found.keys() == {"schemas", "id", "userName"}
    assert found["userName"] == "cy"


def test_a_search_makes_nobody(directory: Directory) -> None:
    assert directory.ask("POST", "/Users/.search", {"userName": "eve"}).status_code == 200
    assert directory.find("/Users", 'userName eq "eve"') == []


@pytest.mark.parametrize(
    "asked, kind",
    [
        ({"filter": 'colour eq "red"'}, "invalidFilter"),
        ({"count": "many"}, "invalidValue"),
        (["userName"], "invalidSyntax"),
    ],
)
def test_a_wrong_search_in_a_body_is_refused(directory: Directory, asked: Any, kind: str) -> None:
    answer = directory.ask("POST", "/Users/.search", asked)

    assert (answer.status_code, answer.get_json()["scimType"]) == (400, kind)


OFF = [
    # Okta.
    [{"op": "replace", "value": {"active": False}}],
    # Entra, by its newer and its older way.
    [{"op": "Replace", "path": "active", "value": False}],
    [{"op": "Replace", "path": "active", "value": "False"}],
    [{"op": "replace", "path": f"{USER}:active", "value": "false"}],
    [{"op": "Add", "path": "active", "value": "False"}],
    # With what we do not keep beside it.
    [
        {"op": "Replace", "path": "displayName", "value": "Ada L."},
        {"op": "Add", "path": 'emails[type eq "work"].value', "value": "ada@example.com"},
        {"op": "Add", "path": f"{ENTERPRISE}:manager", "value": "17"},
        {"op": "Replace", "path": "name.givenName", "value": "Ada"},
        {"op": "Replace", "value": {"id": "1", "active": "False", "name.familyName": "L"}},
    ],
]


@pytest.mark.parametrize("operations", OFF)
def test_a_patch_switches_off_at_once(
    any_database: str, directory: Directory, world: World, operations: list[dict[str, Any]]
) -> None:
    browser = world.browser("ada")
    assert browser.get("/settings").status_code == 200

    answer = directory.patch("/Users/1", *operations)

    assert (answer.status_code, answer.get_json()["active"]) == (200, False)
    assert browser.get("/settings").status_code == 303
    with db.reading():
        assert queries.actor_of_token(world.tokens["ada"], clock.now()) == Actor.nobody()
    assert ("user.changed", "scim") in verbs()


@pytest.mark.parametrize("value", [True, "True", "true"])
def test_a_patch_switches_on_again(directory: Directory, value: object) -> None:
    directory.patch("/Users/1", {"op": "replace", "value": {"active": False}})

    directory.patch("/Users/1", {"op": "Replace", "path": "active", "value": value})

    assert (stored("ada").is_active, stored("ada").role) == (True, "author")


def test_a_put_replaces_and_switches_nobody_off_for_what_it_leaves_out(directory: Directory) -> None:
    body = {"schemas": [USER], "id": "1", "userName": "ada", "externalId": "x-9"}

    kept = directory.ask("PUT", "/Users/1", body).get_json()
    off = directory.ask("PUT", "/Users/1", {**body, "active": False}).get_json()

    assert (kept["active"], kept["externalId"], off["active"]) == (True, "x-9", False)
    assert "externalId" not in directory.ask("PUT", "/Users/1", {**BARE, "userName": "ada"}).get_json()


GRACE = "grace@example.com"


def ops(*operations: Any) -> dict[str, Any]:
    return {"schemas": [PATCH], "Operations": list(operations)}


@pytest.mark.parametrize(
    "method, body",
    [
        ("PUT", {"schemas": [USER], "userName": GRACE, "active": True}),
        ("PATCH", ops({"op": "Replace", "path": "userName", "value": GRACE})),
        ("PATCH", ops({"op": "replace", "value": {"userName": GRACE}})),
    ],
)
def test_another_user_name_renames_the_account(
    any_database: str, directory: Directory, method: str, body: dict[str, Any]
) -> None:
    assert directory.ask(method, "/Users/1", body).get_json()["userName"] == "grace@example.com"
    assert (stored("grace@example.com").id, stored("grace@example.com").role) == (1, "author")
    assert ("user.renamed", "scim") in verbs()


def test_who_is_deleted_is_switched_off_and_not_there_until_they_come_back(
    any_database: str, directory: Directory
) -> None:
    directory.create("dora", externalId="x-1")

    assert directory.ask("DELETE", "/Users/4").status_code == 204

    assert not stored("dora").is_active
    assert directory.ask("GET", "/Users/4").status_code == 404
    assert directory.ask("DELETE", "/Users/4").status_code == 404
    assert directory.find("/Users", 'userName eq "dora"') == []
    assert directory.ask("GET", "/Users").get_json()["totalResults"] == 3
    back = directory.create("dora", externalId="x-2")
    assert (back["id"], back["active"], stored("dora").role) == ("4", True, "viewer")


def test_who_comes_back_may_be_another_and_has_no_password_of_the_first(
    any_database: str, directory: Directory, world: World
) -> None:
    phones.set_up(world.ada)
    with db.transaction():
        people.set_address("ada", "ada@example.org", actor=world.ben, sends_mail=True)

    assert directory.ask("DELETE", "/Users/1").status_code == 204
    assert stored("ada").password_hash is not None
    directory.create("ada")

    assert stored("ada").password_hash is None
    with db.reading():
        assert not factors.of(1).any
        assert session().get_one(NotificationSettings, 1).mail_to == ""


def test_the_only_admin_stays(directory: Directory) -> None:
    for answer in (
        directory.patch("/Users/2", {"op": "replace", "path": "active", "value": False}),
        directory.ask("PUT", "/Users/2", {"schemas": [USER], "userName": "ben", "active": False}),
        directory.ask("DELETE", "/Users/2"),
    ):
        assert answer.status_code == 409
        assert "ben is the only admin" in answer.get_json()["detail"]
    assert stored("ben").is_active


def test_a_patch_that_fails_changes_nothing(directory: Directory) -> None:
    answer = directory.patch(
        "/Users/1",
        {"op": "replace", "path": "userName", "value": "grace"},
        {"op": "replace", "path": "active", "value": "perhaps"},
    )

    assert answer.status_code == 400
    assert stored("ada").is_active


@pytest.mark.parametrize(
    "method, path, body, status, kind",
    [
        ("POST", "/Users", {"schemas": [USER]}, 400, "invalidValue"),
        ("POST", "/Users", {"schemas": [USER], "userName": ""}, 400, "invalidValue"),
        ("POST", "/Users", {"schemas": [USER], "userName": 5}, 400, "invalidValue"),
        ("POST", "/Users", {"schemas": [USER], "userName": "Dora Doe"}, 400, "invalidValue"),
        ("POST", "/Users", {"schemas": [USER], "userName": "x" * 101}, 400, "invalidValue"),
        ("POST", "/Users", {**BARE, "active": "perhaps"}, 400, "invalidValue"),
        ("POST", "/Users", {**BARE, "externalId": "x" * 256}, 400, "invalidValue"),
        ("POST", "/Users", {"schemas": ["urn:x"], "userName": "dora"}, 400, "invalidSyntax"),
        ("POST", "/Users", [], 400, "invalidSyntax"),
        ("POST", "/Users", {**BARE, "userName": "ada"}, 409, "uniqueness"),
        ("POST", "/Users", {**BARE, "userName": "ADA"}, 409, "uniqueness"),
        ("PUT", "/Users/1", {**BARE, "userName": "cy"}, 409, "uniqueness"),
        ("PUT", "/Users/1", {"schemas": [USER]}, 400, "invalidValue"),
        ("PUT", "/Users/77", BARE, 404, None),
        ("GET", "/Users/77", None, 404, None),
        ("GET", "/Users/ada", None, 404, None),
        ("DELETE", "/Users/77", None, 404, None),
        ("PATCH", "/Users/77", ops({"op": "replace", "path": "active", "value": False}), 404, None),
        ("PATCH", "/Users/1", ops(), 400, "invalidValue"),
        ("PATCH", "/Users/1", {"schemas": [PATCH]}, 400, "invalidValue"),
        ("PATCH", "/Users/1", ops({"op": "frob", "path": "active"}), 400, "invalidValue"),
        ("PATCH", "/Users/1", ops({"op": "replace", "path": "active"}), 400, "invalidValue"),
        ("PATCH", "/Users/1", ops({"op": "remove", "path": "active"}), 400, "invalidValue"),
        ("PATCH", "/Users/1", ops({"op": "remove", "path": "userName"}), 400, "mutability"),
        ("PATCH", "/Users/1", ops({"op": "remove"}), 400, "noTarget"),
        ("PATCH", "/Users/1", ops({"op": "replace", "path": "id", "value": "7"}), 400, "mutability"),
        ("PATCH", "/Users/1", ops({"op": "replace", "path": "a b[", "value": 1}), 400, "invalidPath"),
        ("PATCH", "/Users/1", ops({"op": "replace", "path": "userName", "value": "cy"}), 409, "uniqueness"),
        ("PATCH", "/Users/1", ops(*[{"op": "add", "path": "active", "value": True}] * 201), 400, "tooMany"),
        ("GET", "/Bulk", None, 404, None),
        ("POST", "/Bulk", {}, 404, None),
        ("GET", "/ResourceTypes/Cat", None, 404, None),
        ("GET", "/Schemas/urn:x", None, 404, None),
    ],
)
def test_what_cannot_be_is_refused_by_its_name_and_nothing_is_done(
    directory: Directory, method: str, path: str, body: Any, status: int, kind: str | None
) -> None:
    answer = directory.ask(method, path, body)

    assert (answer.status_code, answer.get_json().get("scimType")) == (status, kind), answer.text
    with db.reading():
        assert session().scalars(select(User.name).where(User.is_active).order_by(User.id)).all() == [
            *("ada", "ben", "cy")
        ]


@pytest.mark.parametrize(
    "query, kind",
    [
        ({"filter": "userName eq"}, "invalidFilter"),
        ({"filter": 'userName eq "ada'}, "invalidFilter"),
        ({"filter": 'colour eq "red"'}, "invalidFilter"),
        ({"filter": 'displayName eq "Ada"'}, "invalidFilter"),
        ({"filter": 'phoneNumbers[type eq "work"].value eq "a"'}, "invalidFilter"),
        ({"filter": 'userName is "ada"'}, "invalidFilter"),
        ({"filter": "(" * 2_000}, "invalidFilter"),
        ({"filter": "' OR 1=1 --"}, "invalidFilter"),
        ({"count": "many"}, "invalidValue"),
        ({"startIndex": "1.5"}, "invalidValue"),
        ({"attributes": "userName", "excludedAttributes": "groups"}, "invalidValue"),
    ],
)
def test_a_wrong_question_is_refused(directory: Directory, query: dict[str, str], kind: str) -> None:
    answer = directory.ask("GET", "/Users", query=query)

    assert (answer.status_code, answer.get_json()["scimType"]) == (400, kind)


@pytest.mark.parametrize(
    "options, status",
    [
        ({"data": b"{", "content_type": "application/scim+json"}, 400),
        ({"data": b'{"a": 1, "a": 2}', "content_type": "application/json"}, 400),
        ({"data": b"[" * 5_000, "content_type": "application/json"}, 400),
        ({"data": b"\xff", "content_type": "application/json"}, 400),
        ({"data": b"<a/>", "content_type": "application/xml"}, 415),
        ({"data": b"userName=x", "content_type": "application/x-www-form-urlencoded"}, 415),
        ({"data": b" " * (1024 * 1024 + 1), "content_type": "application/json"}, 413),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(
    directory: Directory, options: dict[str, Any], status: int
) -> None:
    assert directory.ask("POST", "/Users", **options).status_code == status


def test_as_much_is_said_as_is_asked_for(directory: Directory) -> None:
    only = directory.ask("GET", "/Users/1", query={"attributes": "userName"}).get_json()
    less = directory.ask("GET", "/Users", query={"excludedAttributes": "active,meta"}).get_json()

    assert set(only) == {"schemas", "id", "userName"}
    assert set(less["Resources"][0]) == {"schemas", "id", "userName"}


def test_what_was_changed_meanwhile_is_not_overwritten(directory: Directory) -> None:
    tag = directory.ask("GET", "/Users/1").headers["ETag"]
    off = {"op": "replace", "path": "active", "value": False}

    first = directory.patch("/Users/1", off, headers={"If-Match": tag})
    second = directory.patch("/Users/1", off, headers={"If-Match": tag})

    assert (first.status_code, second.status_code) == (200, 412)
    assert directory.ask("DELETE", "/Users/1", headers={"If-Match": "*"}).status_code == 204


def test_a_page_takes_as_many_queries_for_fifty_as_for_three(
    directory: Directory, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    def asked() -> int:
        with count_queries() as statements:
            directory.ask("GET", "/Users")
        return len(statements)

    few = asked()
    for number in range(50):
        directory.create(f"person-{number}")
    directory.create_group("All", *(str(number) for number in range(1, 50)))

    assert asked() == few


def test_an_account_of_a_program_is_none_of_its_people(directory: Directory, world: World) -> None:
    with db.transaction():
        made = {"name": "deploys", "role": "viewer", "owner": "ada"}
        number = programs.add(made, actor=world.ben).user.id

    assert "deploys" not in directory.ask("GET", "/Users").text
    assert directory.ask("GET", f"/Users/{number}").status_code == 404
    assert directory.ask("DELETE", f"/Users/{number}").status_code == 404


def mail_to(name: str) -> str:
    with db.reading():
        row = session().get(NotificationSettings, queries.account(name).id)
        return row.mail_to if row else ""


@pytest.mark.parametrize("body", [OKTA, ENTRA])
def test_mail_goes_where_a_directory_says(
    any_database: str, directory: Directory, body: dict[str, Any]
) -> None:
    made = directory.ask("POST", "/Users", body).get_json()

    assert mail_to("dora@example.com") == "dora@example.com"
    assert made["emails"] == [{"value": "dora@example.com", "type": "work", "primary": True}]
    assert directory.ask("GET", f"/Users/{made['id']}").get_json()["emails"] == made["emails"]
    assert ("mail.address_set", "scim") in verbs()


MAILS: dict[str, tuple[Any, str]] = {
    "the primary one": ([{"value": "a@x.org"}, {"value": "b@x.org", "primary": True}], "b@x.org"),
    "that for work": (
        [{"value": "a@x.org", "type": "home"}, {"value": "b@x.org", "type": "Work"}],
        "b@x.org",
    ),
    "the first": ([{"value": "a@x.org"}, {"value": "b@x.org"}], "a@x.org"),
    "one with blanks": ([{"value": " a@x.org "}], "a@x.org"),
    "empty ones": ([{"value": ""}, {"type": "work"}, {"value": "a@x.org"}], "a@x.org"),
    "none": ([], ""),
    "no address": ([{"value": "nobody"}], ""),
    "a line break": ([{"value": "a@x.org\r\nBcc: b@x.org"}], ""),
    "one too long": ([{"value": "a" * 300 + "@x.org"}], ""),
    "letters no server takes": ([{"value": "jürgen@x.org"}], ""),
}


@pytest.mark.parametrize("emails, kept", MAILS.values(), ids=list(MAILS))
def test_of_many_addresses_one_is_kept_and_what_is_none_keeps_nobody_out(
    directory: Directory, emails: Any, kept: str
) -> None:
    made = directory.create("dora", emails=emails)

    assert mail_to("dora") == kept
    assert "emails" in made if kept else "emails" not in made


OTHER_MAILS: dict[str, tuple[list[dict[str, Any]], str]] = {
    "Entra": ([{"op": "Replace", "path": 'emails[type eq "work"].value', "value": "new@x.org"}], "new@x.org"),
    "Entra, adding": (
        [{"op": "Add", "path": 'emails[type eq "work"].value', "value": "new@x.org"}],
        "new@x.org",
    ),
    "Entra, all of a change in one": (
        [
            {
                "op": "replace",
                "value": {
                    "displayName": "Dora",
                    "name.givenName": "D",
                    'emails[type eq "work"].value': "new@x.org",
                },
            }
        ],
        "new@x.org",
    ),
    "Entra, a path alone": (
        [{"op": "Add", "value": {'emails[type eq "home"].value': "home@x.org"}}],
        "old@x.org",
    ),
    "Okta": (
        [{"op": "replace", "value": {"emails": [{"value": "new@x.org", "primary": True}]}}],
        "new@x.org",
    ),
    "removed": ([{"op": "remove", "path": "emails"}], ""),
    "another name": ([{"op": "replace", "path": "displayName", "value": "Dora"}], "old@x.org"),
}


@pytest.mark.parametrize("changes, kept", OTHER_MAILS.values(), ids=list(OTHER_MAILS))
def test_a_patch_changes_where_mail_goes(
    any_database: str, directory: Directory, changes: list[dict[str, Any]], kept: str
) -> None:
    number = directory.create("dora", emails=[{"value": "old@x.org", "type": "work", "primary": True}])["id"]

    answer = directory.patch(f"/Users/{number}", *changes)

    assert answer.status_code == 200
    assert mail_to("dora") == kept


def test_a_put_without_addresses_leaves_the_one_that_is_there(directory: Directory) -> None:
    number = directory.create("dora", emails=[{"value": "old@x.org"}])["id"]

    directory.ask("PUT", f"/Users/{number}", {"schemas": [USER], "userName": "dora"})
    assert mail_to("dora") == "old@x.org"
    body = {"schemas": [USER], "userName": "dora", "emails": [{"value": "new@x.org"}]}
    directory.ask("PUT", f"/Users/{number}", body)
    assert mail_to("dora") == "new@x.org"


def test_a_filter_finds_by_mail_address(directory: Directory) -> None:
    directory.create("dora", emails=[{"value": "old@x.org"}])

    assert [one["userName"] for one in directory.find("/Users", 'emails.value eq "OLD@x.org"')] == ["dora"]
    assert directory.find("/Users", 'emails[type eq "work" and value eq "other@x.org"]') == []


@pytest.mark.parametrize(
    "operation, told",
    [
        ({"op": "Replace", "path": "active", "value": "perhaps"}, ": active"),
        ({"op": "replace", "value": {"active": "perhaps"}}, ": active"),
        ({"op": "Replace", "path": "userName", "value": ["dora"]}, ": user_name"),
    ],
)
def test_of_a_patch_that_makes_no_account_the_attribute_is_told(
    directory: Directory, operation: dict[str, Any], told: str
) -> None:
    body = {"schemas": [PATCH], "Operations": [operation]}
    answer = directory.ask("PATCH", "/Users/1", body).get_json()

    assert answer["detail"].endswith(told), answer
    assert "\n" not in answer["detail"]
    assert "pydantic" not in answer["detail"]
