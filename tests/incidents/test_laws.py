"""The laws of saving, for whatever people write: nothing lost, nothing twice."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, assume, given, settings

from postmortems.db import session as db
from postmortems.document.markdown import parser
from postmortems.document.model import Document, Item
from postmortems.incidents import guard_remarks, operations, queries, rows, validation
from tests.document import strategies
from tests.incidents.documents import SYSTEM

# Each example saves three times, on either database.
laws = settings(
    max_examples=settings().max_examples // 2,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def without_ids(document: Document) -> Document:
    """The document as people think of it: ids are ours to give."""
    return replace(
        document,
        sections=tuple(
            replace(
                section,
                blocks=tuple(
                    replace(block, id="") if isinstance(block, Item) else block for block in section.blocks
                ),
            )
            for section in document.sections
        ),
    )


@laws
@given(strategies.documents, strategies.documents)
def test_what_is_saved_is_what_was_meant_and_saving_it_again_is_nothing(
    any_database: str, first: Document, second: Document
) -> None:
    first, second = without_ids(first), without_ids(second)
    for document in (first, parser.normal(first), second, parser.normal(second)):
        # A text may end in what reads as an item's id; `test_operations` tells what becomes of it.
        assume(not list(validation.problems(document)) and not any(item.id for item in document.items))
    db.begin()
    try:
        incident = operations.save(None, first, version=None, actor=SYSTEM)
        slug = incident.slug
        stored = rows.to_document(queries.for_saving(slug))
        assert without_ids(stored) == guard_remarks.bare(parser.normal(first))
        assert [item.id for item in stored.items] == [f"AI-{n}" for n in range(1, len(stored.items) + 1)]
        assert operations.save(slug, stored, version=1, actor=SYSTEM).version == 1
        assert operations.save(slug, first, version=1, actor=SYSTEM).version == 1
        # An item that names a guard must be unlinked before it may go.
        assume(not any(item.guards for item in stored.items))
        again = operations.save(slug, second, version=1, actor=SYSTEM)
        assert without_ids(rows.to_document(queries.for_saving(slug))) == guard_remarks.bare(
            parser.normal(second)
        )
        assert queries.revision(again, again.version).text == parser.write(rows.to_document(again))
    finally:
        db.finish(keep=False)
