"""Every file of `cases/`: what people write, what we write for it, and what its times say."""

from __future__ import annotations

import pytest

from postmortems.document.markdown import parser
from postmortems.document.text import is_all_there
from postmortems.document.times import timeline_times
from tests.document.cases import Case, all_cases, shown

every_case = pytest.mark.parametrize("case", all_cases(), ids=lambda case: case.name)


@every_case
def test_the_input_is_written_as_its_canonical_form(case: Case) -> None:
    assert parser.write(parser.parse(case.input)) == case.canonical


@every_case
def test_the_canonical_form_stays_as_it_is(case: Case) -> None:
    assert parser.write(parser.parse(case.canonical)) == case.canonical
    assert parser.parse(case.canonical) == parser.parse(case.input)


@every_case
def test_no_word_is_lost(case: Case) -> None:
    assert is_all_there(case.input, case.canonical)


@every_case
def test_the_times_are_read_as_they_were_meant(case: Case) -> None:
    document = parser.parse(case.input)

    assert [shown(reading) for reading in timeline_times.read_entries(document)] == list(case.readings)
