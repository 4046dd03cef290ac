"""Fields of an item: boxes over its words, and owners that are nobody."""

from __future__ import annotations

from datetime import date

import pytest

from postmortems.document.markdown import parser, writer
from postmortems.document.markdown.items import item_fields
from postmortems.document.model import Document, Item, Section


@pytest.mark.parametrize(
    "lines, status, text",
    [
        (["[x]", "Add an alert"], "done", "Add an alert"),
        (["[ ]  ", "", "Add an alert"], "open", "Add an alert"),
        (["☑", "Add an alert", "within a minute"], "done", "Add an alert\nwithin a minute"),
        (["[x]", "- Add an alert"], "", "[x]\n- Add an alert"),
        (["[x]", "    kubectl get pods"], "", "[x]\n    kubectl get pods"),
        (["[x]", "```", "kubectl get pods", "```"], "", "[x]\n```\nkubectl get pods\n```"),
        (["[x](https://example.org)", "Add an alert"], "", "[x](https://example.org)\nAdd an alert"),
    ],
)
def test_a_box_over_words_says_their_state(lines: list[str], status: str, text: str) -> None:
    item = item_fields.read(lines)

    assert item is not None
    assert (item.status, item.text) == (status, text)


@pytest.mark.parametrize(
    "typed, owner",
    [
        *((nobody, "") for nobody in ("-", "?", "___", "TBD", "tbc.", "none", "Nobody yet", "@all")),
        *((nobody, "") for nobody in ("Unassigned (see below)", "niemand", "未定", "(none)")),
        *(
            (nobody, "")
            for nobody in ("n.a.", "⚠️ unassigned", "_TBD_", "@TBD", "**TBD**", "N.N.", "YOUR NAME")
        ),
        *(
            (nobody, "")
            for nobody in ("everyone", "The team", "all teams", "alle", "全員", "TBD; TBD", "tbd, ?")
        ),
        *((nobody, "") for nobody in ("TBD / Ada", "TBD - after the move", "Team & everybody")),
        *(
            (somebody, somebody)
            for somebody in ("Ada / TBD", "Web team", "@team", "nn", "All Hands", "us", "Team Ada", "Nn Ada")
        ),
        *((somebody, somebody) for somebody in ("@ada", "7", "Nobody's Fault", "Ada (TBD)", "(Ada)")),
    ],
)
def test_an_owner_whose_name_says_nobody_is_nobody(typed: str, owner: str) -> None:
    document = Document(
        title="T", sections=(Section("Action items", (Item("Do", owner=typed, team=typed),)),)
    )

    (item,) = parser.normal(document).items

    assert (item.text, item.owner, item.team) == ("Do", owner, owner)


@pytest.mark.parametrize("said", ["TBD", "none", "nobody", "Unassigned.", "@channel"])
@pytest.mark.parametrize("keys", ["- {}\n- Due: 2024-02-01", "- Due: 2024-02-01\n- {}"])
def test_words_for_nobody_own_nothing_and_stay_where_somebody_wrote_them(keys: str, said: str) -> None:
    nested = "".join(f"   {line}\n" for line in keys.format(f"Owner: {said}").split("\n"))
    document = parser.parse(f"# It broke\n\n## Action items\n\n1. Add an alert\n{nested}")

    (item,) = document.items

    assert (item.owner, item.due) == ("", date(2024, 2, 1))
    assert item.text == f"Add an alert\n- Owner: {said}"
    assert parser.parse(writer.write(document)) == document
