"""Event loops in threads of their own: Playwright's calls keep one running in the thread of the tests."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def in_a_thread(run: Callable[..., Any], *given: Any) -> Any:
    """What `run(*given)` returns or raises, where no event loop runs yet."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run, *given).result()
