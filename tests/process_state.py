"""What tests change of the process they share, put back after each file: none depends on those before it."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
from collections.abc import Iterator, Mapping, Set
from contextlib import contextmanager
from typing import Any, NamedTuple, Self

from postmortems.egress import resolver

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD, signal.SIGALRM)
OURS = "postmortems"


@contextmanager
def restored() -> Iterator[None]:
    before = ProcessState.now()
    yield
    before.put_back()


class ProcessState(NamedTuple):
    """`bound` is what names in our modules stand for, by module: which engine, which reader of long texts."""

    bound: Mapping[str, Mapping[str, Any]]
    environment: Mapping[str, str]
    folder: str
    switch_interval_s: float
    socket_timeout_s: float | None
    handlers: Mapping[signal.Signals, Any]
    listens_at: Set[tuple[str, int]]
    loggers: Mapping[str, LoggerState]

    @classmethod
    def now(cls) -> Self:
        return cls(
            {name: dict(vars(module)) for name, module in _our_modules().items()},
            dict(os.environ),
            os.getcwd(),
            sys.getswitchinterval(),
            socket.getdefaulttimeout(),
            {number: signal.getsignal(number) for number in SIGNALS},
            frozenset(resolver._listening),
            {name: LoggerState.of(logger) for name, logger in _loggers().items()},
        )

    def put_back(self) -> None:
        """Names that modules have got meanwhile stay: they are modules that were loaded."""
        for name, module in _our_modules().items():
            is_bound = vars(module)
            for key, value in self.bound.get(name, {}).items():
                if is_bound.get(key) is not value:
                    setattr(module, key, value)
        if dict(os.environ) != self.environment:
            os.environ.clear()
            os.environ.update(self.environment)
        os.chdir(self.folder)
        sys.setswitchinterval(self.switch_interval_s)
        socket.setdefaulttimeout(self.socket_timeout_s)
        for number, handler in self.handlers.items():
            signal.signal(number, handler)
        # Another test may listen at the same port, and is to be asked there.
        resolver._listening.intersection_update(self.listens_at)
        for name, logger in _loggers().items():
            self.loggers.get(name, UNTOUCHED).put_back(logger)


class LoggerState(NamedTuple):
    level: int
    is_disabled: bool
    passes_on: bool
    handlers: tuple[logging.Handler, ...]

    @classmethod
    def of(cls, logger: logging.Logger) -> Self:
        return cls(logger.level, logger.disabled, logger.propagate, tuple(logger.handlers))

    def put_back(self, logger: logging.Logger) -> None:
        if logger.level != self.level:
            logger.setLevel(self.level)
        logger.disabled, logger.propagate = self.is_disabled, self.passes_on
        logger.handlers[:] = self.handlers


UNTOUCHED = LoggerState(logging.NOTSET, False, True, ())


def _our_modules() -> dict[str, Any]:
    return {name: module for name, module in sys.modules.items() if name.partition(".")[0] == OURS}


def _loggers() -> dict[str, logging.Logger]:
    known = {"": logging.getLogger()}
    known |= {
        name: one for name, one in logging.root.manager.loggerDict.items() if isinstance(one, logging.Logger)
    }
    return known
