"""Bounded caches in this process for what takes long to make: parsed texts above all.

Only for what is worked out from the key alone, and for values that nobody can change.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import lru_cache, wraps
from operator import eq
from threading import Lock
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

Value = TypeVar("Value")
Subject = TypeVar("Subject")
Ways = ParamSpec("Ways")
# Of lines: as many as the headings that a document may have, as it is read several times over.
MOST_LINES, LONGEST_LINE = 8_192, 1_000


def by_line(
    read: Callable[Concatenate[str, Ways], Value],
) -> Callable[Concatenate[str, Ways], Value]:
    """Hold what lines were read as. Longer ones are read again each time: they would fill the memory."""
    held = lru_cache(maxsize=MOST_LINES)(read)

    @wraps(read)
    def reading(text: str, /, *args: Ways.args, **ways: Ways.kwargs) -> Value:
        if len(text) > LONGEST_LINE:
            return read(text, *args, **ways)
        return held(text, *args, **ways)  # type: ignore[arg-type]

    return reading


class Kept(Generic[Value]):
    """Values by key, the ones used last first, up to a sum of their sizes. Safe between threads.

    A value larger than `largest` is not kept: it would drive out all the others.
    """

    def __init__(self, most: int, largest: int | None = None) -> None:
        self._values: OrderedDict[Hashable, tuple[Value, int]] = OrderedDict()
        self._most, self._largest, self._size = most, most if largest is None else largest, 0
        self._lock = Lock()

    def get(self, key: Hashable) -> Value | None:
        with self._lock:
            # A key may be all of a document: each time that it is looked up, all of it is hashed.
            found = self._values.get(key)
            if found is None:
                return None
            self._values.move_to_end(key)
            return found[0]

    def put(self, key: Hashable, value: Value, size: int) -> None:
        if size > self._largest:
            return
        with self._lock:
            if key in self._values:
                self._size -= self._values.pop(key)[1]
            self._values[key] = (value, size)
            self._size += size
            while self._size > self._most:
                _, (_, oldest) = self._values.popitem(last=False)
                self._size -= oldest


def by_object(
    most: int, is_same: Callable[[Any, Any], bool] = eq
) -> Callable[[Callable[Concatenate[Subject, Ways], Value]], Callable[Concatenate[Subject, Ways], Value]]:
    """Hold what was made of the last `most` objects, told by the object itself, or by one that equals the
    last, or says the same as far as `is_same` asks.

    To hash all of a document takes as long as some of what is made of it. Most that are compared differ at
    once, or are the same for the most part, which a comparison finds out quickly.
    """

    def holding(
        make: Callable[Concatenate[Subject, Ways], Value],
    ) -> Callable[Concatenate[Subject, Ways], Value]:
        # What is held with its subject: while it is, no other object has that id.
        held: Kept[tuple[Subject, Value]] = Kept(most)
        last: Kept[tuple[Subject, Value]] = Kept(most)

        @wraps(make)
        def of(subject: Subject, /, *args: Ways.args, **ways: Ways.kwargs) -> Value:
            way = (args, *sorted(ways.items()))
            known = held.get((id(subject), way))
            if known is None:
                before = last.get(way)
                is_known = before is not None and is_same(before[0], subject)
                made = before[1] if before is not None and is_known else make(subject, *args, **ways)
                known = (subject, made)
                held.put((id(subject), way), known, 1)
                last.put(way, known, 1)
            return known[1]

        return of

    return holding
