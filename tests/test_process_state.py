"""A test that changes its process changes it for no file after its own."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

from postmortems import clock
from postmortems.document.markdown import parser
from postmortems.document.readers import parse_process
from postmortems.egress import resolver
from tests import process_state


def test_whatever_a_file_changes_is_as_before_it(tmp_path: Path) -> None:
    before = process_state.ProcessState.now()
    with process_state.restored():
        parse_process.install()
        clock._frozen = clock.now()
        sys.setswitchinterval(0.001)
        os.environ["POSTMORTEMS_URL"] = "https://left.example"
        os.chdir(tmp_path)
        resolver.listens("127.0.0.1", 1)
        logging.getLogger().addHandler(logging.NullHandler())
        logging.getLogger("postmortems.left").setLevel(logging.DEBUG)
        logging.getLogger("postmortems.worker").disabled = True
        assert process_state.ProcessState.now() != before

    after = process_state.ProcessState.now()
    assert after._replace(loggers={}) == before._replace(loggers={})
    assert {name: after.loggers[name] for name in before.loggers} == before.loggers
    assert after.loggers["postmortems.left"] == process_state.UNTOUCHED
    assert parser.elsewhere is None
