"""A directory that sends SCIM: requests as they come, and answers held against the library's own shapes."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient
from scim2_models import Context, Error, ListResponse, ResourceType, Schema, ServiceProviderConfig
from werkzeug.test import TestResponse

from postmortems.accounts.scim.resources import Account, Group

TOKEN = "the-directory-knows-this-token-0123456789"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


class Directory:
    """Asks as Okta, Entra and others do."""

    def __init__(self, client: FlaskClient, token: str = TOKEN) -> None:
        self.client, self.token = client, token

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        query: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
        **options: Any,
    ) -> TestResponse:
        """One request; the answer has the shape that the library says it has."""
        given = {"Authorization": f"Bearer {self.token}"} | (headers or {})
        if body is not None:
            options |= {"json": body, "content_type": "application/scim+json; charset=utf-8"}
        answer = self.client.open(
            f"/scim/v2{path}", method=method, headers=given, query_string=query or {}, **options
        )
        check(answer)
        return answer

    def create(self, name: str, **more: Any) -> dict[str, Any]:
        """An account that was made."""
        answer = self.ask("POST", "/Users", {"schemas": [USER], "userName": name, **more})
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.get_json()
        return found

    def create_group(self, name: str, *members: str, **more: Any) -> dict[str, Any]:
        """A group that was made, of accounts by their ids."""
        body = {
            "schemas": [GROUP],
            "displayName": name,
            "members": [{"value": one} for one in members],
            **more,
        }
        answer = self.ask("POST", "/Groups", body)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.get_json()
        return found

    def patch(self, path: str, *operations: dict[str, Any], **options: Any) -> TestResponse:
        return self.ask("PATCH", path, {"schemas": [PATCH], "Operations": list(operations)}, **options)

    def find(self, path: str, wanted: str) -> list[dict[str, Any]]:
        """What a filter finds."""
        answer = self.ask("GET", path, query={"filter": wanted})
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.get_json()["Resources"]
        return found


def check(answer: TestResponse) -> None:
    """An answer of SCIM is one as the specification has it."""
    if answer.status_code == 204:
        assert answer.data == b""
        return
    assert answer.mimetype == "application/scim+json"
    body = answer.get_json()
    if answer.status_code >= 400:
        assert Error.model_validate(body).status == answer.status_code
        assert body["detail"]
        return
    schema = body["schemas"][0]
    models: dict[str, Any] = {
        str(model.__schema__): model
        for model in (Account, Group, ServiceProviderConfig, ResourceType, Schema)
    }
    context = (
        Context.RESOURCE_CREATION_RESPONSE if answer.status_code == 201 else Context.RESOURCE_QUERY_RESPONSE
    )
    if schema in models:
        models[schema].model_validate(body, scim_ctx=context)
        return
    ListResponse[Account | Group | ResourceType | Schema].model_validate(body, scim_ctx=context)
    assert body["itemsPerPage"] == len(body["Resources"]) <= body["totalResults"]
