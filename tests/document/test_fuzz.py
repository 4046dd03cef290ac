"""Six thousand random and damaged inputs: nothing is raised but `Invalid`, nothing lost, nothing hangs.

`FUZZ_INPUTS=200000` tries more. A child process reads each batch, and is ended where one input takes two
seconds of the processor: the last number it said is the fault.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
INPUTS = int(os.environ.get("FUZZ_INPUTS", "6000"))
BATCHES = 4


@pytest.mark.parametrize("batch", range(BATCHES))
def test_whatever_is_read_is_read_without_loss(batch: int) -> None:
    count = INPUTS // BATCHES
    command = [sys.executable, "-m", "tests.document.fuzzing", str(batch * count), str(count)]
    done = subprocess.run(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    said = done.stdout.splitlines()

    assert [line for line in said if not line.isdecimal()] == ["done"], said[-1]


def test_an_input_that_hangs_ends_the_process_that_tries_it() -> None:
    hangs = "import signal; signal.setitimer(signal.ITIMER_VIRTUAL, 0.05)\nwhile True: pass"
    done = subprocess.run([sys.executable, "-c", hangs], check=False)

    assert done.returncode < 0
