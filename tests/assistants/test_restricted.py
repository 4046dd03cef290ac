"""A restricted incident is not there for an assistant, in the same words as what is not there at all."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.assistants.messages import called, old, told
from tests.capture.test_api import begun
from tests.world import World

SECRET = (
    "---\ntitle: Zanzibar leaked\ndate: 2026-03-02\nstatus: published\nrestricted: [ada]\n---\n\n"
    "## Timeline\n\n### 08:50 - wombat\n\n## Action items\n\n### Process\n\n- Feed the axolotl.\n"
)
ASKED: list[tuple[str, dict[str, Any]]] = [
    ("get_incident", {"slug": "{}"}),
    ("coverage", {"incident": "{}"}),
    ("append_timeline_entry", {"slug": "{}", "text": "x"}),
    ("update_action_item", {"id": "AI-{}", "owner": "@ben"}),
]
WORDS = ("Zanzibar", "zanzibar", "wombat", "axolotl")


@pytest.mark.usefixtures("any_database")
@pytest.mark.parametrize("tool, arguments", ASKED)
def test_it_is_refused_as_what_is_not_there(
    client: FlaskClient, world: World, tool: str, arguments: dict[str, Any]
) -> None:
    slug = begun(client, world, SECRET)
    names = ("1", "99") if tool == "update_action_item" else (slug, "x" * len(slug))

    words = [
        told(
            called(
                client,
                world.headers("ben"),
                tool,
                **{key: value.format(name) for key, value in arguments.items()},
            )
        ).replace(name, "NAME")
        for name in names
    ]

    assert words[0] == words[1]
    assert words[0].startswith("Refused: there is no ")
    assert not called(
        client,
        world.headers("ada"),
        tool,
        **{key: value.format(names[0]) for key, value in arguments.items()},
    )["isError"]


@pytest.mark.parametrize(
    "method, params",
    [
        ("resources/read", {"uri": "postmortems://incidents/{}"}),
        ("prompts/get", {"name": "draft_summary", "arguments": {"slug": "{}"}}),
        ("prompts/get", {"name": "review_draft", "arguments": {"slug": "{}"}}),
    ],
)
def test_neither_resource_nor_prompt_tells_of_it(
    client: FlaskClient, world: World, method: str, params: dict[str, Any]
) -> None:
    slug = begun(client, world, SECRET)

    def filled(value: Any, name: str) -> Any:
        return (
            {key: filled(each, name) for key, each in value.items()}
            if isinstance(value, dict)
            else value.format(name)
        )

    answers = [
        old(client, world.headers("ben"), method, **filled(params, name)).get_json()["error"]
        for name in (slug, "nothing")
    ]

    assert (
        answers[0]["message"].replace(slug, "nothing")
        == answers[1]["message"]
        == "there is no incident nothing"
    )
    assert "result" in old(client, world.headers("ada"), method, **filled(params, slug)).get_json()


@pytest.mark.parametrize(
    "method, params",
    [
        ("resources/list", {}),
        *(
            ("tools/call", {"name": name, "arguments": arguments})
            for name, arguments in [
                ("search", {"q": "zanzibar"}),
                ("search", {"q": "axolotl"}),
                ("list_action_items", {}),
                ("list_action_items", {"q": "axolotl"}),
                ("coverage", {}),
            ]
        ),
    ],
)
def test_no_list_has_it(client: FlaskClient, world: World, method: str, params: dict[str, Any]) -> None:
    begun(client, world, SECRET)

    answer = old(client, world.headers("ben"), method, **params)

    assert "result" in answer.get_json()
    assert not any(word in answer.text for word in WORDS if word not in str(params))
    assert '"AI-1"' not in answer.text
