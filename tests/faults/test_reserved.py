"""Health and the gate have capacity of their own, on both servers: whatever others do, they answer."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from time import monotonic, sleep

import pytest

from postmortems import limits
from postmortems.web.server import admission
from tests import postgres as postgresql
from tests import system_packages
from tests.faults.conftest import Figures
from tests.faults.serving import Answer, Group, Process, add_guard, group, question, together
from tests.loopback import listening
from tests.postgres import TemporaryPostgres

pytestmark = pytest.mark.faults

SERVERS = {"waitress": Group.serve, "gunicorn": Group.gunicorn}
# Whoever waits for a deploy hears from us by then.
ASKER_WAITS_S = 25.0
PROBES = 40
TIMES = 10
# How long a guard waits for its host.
TIMEOUT_S = 20
ASKERS, SHADOWS, QUESTIONS, IDLE = 40, 8, 16, 1_050
HEAD = "# A long one\n\n## Timeline\n\n| Time | What |\n| --- | --- |\n"
# As many rows as a report may have, and ten times as many as it may.
ROWS = {"long rows": limits.BLOCKS - 50, "one-word rows": 25 * limits.BLOCKS}
SIZES = (200_000,) * 10 + (1_500_000,) * 3


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Group]:
    """On the database with one writer, who may be one of those that wait."""
    with group(f"sqlite:///{tmp_path / 'test.db'}", tmp_path) as made:
        yield made


@pytest.fixture(params=SERVERS)
def start(request: pytest.FixtureRequest) -> Callable[[Group], Process]:
    return SERVERS[request.param]


@pytest.fixture
def server(processes: Group, start: Callable[[Group], Process]) -> Iterator[Process]:
    add_guard(processes, "target-confirmed", "target", {})
    started = start(processes)
    yield started
    started.end()


class Pulse:
    """How long each question after health took, one after another, and how many were not answered."""

    def __init__(self, server: Process) -> None:
        self._server, self.took_s, self.silent = server, list[float](), 0

    def ask(self) -> None:
        began = monotonic()
        answered = self._server.send("GET", "/livez").status == 200
        self.took_s.append(monotonic() - began)
        self.silent += not answered

    def idle(self) -> Pulse:
        for _ in range(PROBES):
            self.ask()
        return self

    @contextmanager
    def while_(self) -> Iterator[Pulse]:
        """Ask until the block has ended."""
        over = threading.Event()

        def work() -> None:
            while not over.is_set():
                self.ask()
                sleep(0.01)

        asking = threading.Thread(target=work)
        asking.start()
        try:
            yield self
        finally:
            over.set()
            asking.join()

    def told(self) -> str:
        return f"{median(self.took_s) * 1000:.1f} ms, at most {max(self.took_s) * 1000:.0f} ms"


def check(case: str, idle: Pulse, busy: Pulse, figures: Figures) -> None:
    """Health answered every time; how long half its answers took is told beside ten times as long as idle."""
    figures(f"/livez: {case}", f"≤ 10 × {median(idle.took_s) * 1000:.1f} ms", busy.told())
    assert busy.silent == 0
    assert len(busy.took_s) > TIMES


def ask(processes: Group, server: Process, name: str = "ada") -> Answer:
    headers = processes.headers(name)
    return server.send("POST", "/api/v1/gate/decisions", question(), headers, ASKER_WAITS_S)


def is_told(answer: Answer) -> bool:
    """Whether it is a decision, or a problem that says when to come again."""
    if answer.status == 200:
        return bool(answer["decision"])
    return answer.status in (429, 503) and "Retry-After" in answer.headers and bool(answer["detail"])


@pytest.mark.postgres
def test_forty_who_ask_a_database_that_stands_still_are_answered_and_health_is(
    tmp_path: Path, start: Callable[[Group], Process], figures: Figures
) -> None:
    system_packages.require(postgresql.why_missing())
    with TemporaryPostgres() as database:
        if database.folder is None:
            pytest.skip("the server that POSTMORTEMS_TEST_DATABASE_URL names is not ours to freeze")
        with group(database.fresh_database(), tmp_path) as processes:
            add_guard(processes, "target-confirmed", "target", {})
            server = start(processes)
            together([lambda: ask(processes, server) for _ in range(8)])
            idle = Pulse(server).idle()
            with database.frozen(), Pulse(server).while_() as busy:
                answers = together([lambda: ask(processes, server)] * ASKERS)
            after = ask(processes, server)
            server.end()

    assert all(map(is_told, answers)), answers
    assert all(answer.status == 503 or answer["decision"] == "block" for answer in answers)
    assert after["decision"] == "allow"
    check(f"{ASKERS} askers, PostgreSQL frozen", idle, busy, figures)


def silence(connection: socket.socket, over: threading.Event) -> None:
    over.wait(120)


def test_hosts_that_hang_under_guards_that_only_watch_hold_up_nobody(
    processes: Group, start: Callable[[Group], Process], figures: Figures
) -> None:
    add_guard(processes, "target-confirmed", "target", {})
    with listening(silence) as hanging:
        server = start(processes)
        idle = Pulse(server).idle()
        without = [timed(lambda: ask(processes, server)) for _ in range(10)]
        for number in range(SHADOWS):
            url = {"url": hanging.url(f"/{number}"), "timeout_s": TIMEOUT_S}
            add_guard(processes, f"watching-{number}", "http", url, level="shadow", max_age_s=0)
        with_them = [timed(lambda: ask(processes, server)) for _ in range(10)]
        with Pulse(server).while_() as busy:
            answers = together([lambda: ask(processes, server)] * QUESTIONS)
            sleep(1)
        server.end()

    assert {answer["decision"] for answer in answers} == {"allow"}
    figures(
        f"{SHADOWS} shadow guards at a host that hangs: a decision",
        f"≤ 3 × {median(without) * 1000:.1f} ms",
        f"{median(with_them) * 1000:.1f} ms",
    )
    # None waited for a host, each of which would have taken that long.
    assert max(with_them) < TIMEOUT_S
    check(f"{QUESTIONS} questions, {SHADOWS} hanging shadow guards", idle, busy, figures)


def test_past_the_cap_of_the_gate_askers_are_told_when_to_come_again(
    processes: Group, start: Callable[[Group], Process], figures: Figures
) -> None:
    with listening(silence) as hanging:
        url = {"url": hanging.url("/"), "timeout_s": 20}
        add_guard(processes, "hanging", "http", url, max_age_s=0)
        server = start(processes)
        idle = Pulse(server).idle()
        with Pulse(server).while_() as busy:
            answers = together([lambda: ask(processes, server)] * ASKERS)
        server.end()

    room = admission.rooms()["gate"]
    refused = [answer for answer in answers if answer.status == 503]
    assert all(map(is_told, answers)), answers
    assert len(refused) >= ASKERS - room.at_once - room.waiting
    assert {answer["decision"] for answer in answers if answer not in refused} == {"block"}
    check(f"{ASKERS} askers, a guard at a host that hangs", idle, busy, figures)


def readers_of(server: Process) -> int:
    """How many processes the server has begun to read long texts."""
    lines = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in _descendants(server.process.pid)]
    return sum(b"postmortems.document.readers.parse_child" in line for line in lines)


def _descendants(pid: int) -> Iterator[int]:
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in map(int, (task / "children").read_text().split()):
            yield child
            yield from _descendants(child)


def test_of_one_person_two_texts_are_read_at_once(processes: Group, server: Process) -> None:
    texts = [text_of(60_000, 1_500).replace("word", f"w{number}rd") for number in range(6)]
    answers = together([partial(upload, processes, server, "ben", text) for text in texts])

    assert {answer.status for answer in answers} <= {201, 429, 503}
    assert readers_of(server) == 2


def timed(act: Callable[[], Answer]) -> float:
    began = monotonic()
    assert act().status in (200, 201)
    return monotonic() - began


def text_of(size: int, rows: int) -> str:
    words = "word " * max(1, (size - len(HEAD)) // rows // 5 - 1)
    return (HEAD + f"| 10:00 | {words} |\n" * rows)[:size]


def upload(processes: Group, server: Process, name: str, text: str) -> Answer:
    headers = processes.headers(name, **{"Content-Type": "text/markdown"})
    return server.send("POST", "/api/v1/incidents", text, headers)


@pytest.mark.parametrize("rows", ROWS)
@pytest.mark.parametrize("who", [("ben",), ("ada", "ben")], ids=["by one person", "by two"])
def test_long_texts_keep_neither_the_gate_nor_health_waiting(
    processes: Group, server: Process, figures: Figures, who: tuple[str, ...], rows: str
) -> None:
    ask(processes, server)
    idle, calm = Pulse(server).idle(), [timed(lambda: ask(processes, server)) for _ in range(10)]
    asked: list[float] = []
    calls = [
        partial(upload, processes, server, who[number % len(who)], text_of(size, ROWS[rows]))
        for number, size in enumerate(SIZES)
    ]
    over = threading.Event()

    def decide() -> None:
        while not over.is_set():
            asked.append(timed(lambda: ask(processes, server)))

    asking = threading.Thread(target=decide)
    with Pulse(server).while_() as busy:
        asking.start()
        answers = together(calls)
        # What is refused at once is over before anybody could have waited for it.
        while len(busy.took_s) <= PROBES:
            answers += together(calls)
        over.set()
        asking.join()

    assert {answer.status for answer in answers} <= {201, 422, 429, 503}
    told = f"{median(asked) * 1000:.0f} ms, at most {max(asked) * 1000:.0f} ms"
    case = f"{len(SIZES)} long texts sent at once"
    figures(f"{case}: a decision", f"{median(calm) * 1000:.0f} ms alone", told)
    check(case, idle, busy, figures)


def test_idle_connections_silence_neither_the_gate_nor_health(
    processes: Group, server: Process, figures: Figures
) -> None:
    idle = Pulse(server).idle()
    with ExitStack() as stack:
        for _ in range(IDLE):
            stack.enter_context(socket.create_connection(("127.0.0.1", server.port), 30))
        busy = Pulse(server).idle()
        answers = [ask(processes, server) for _ in range(5)]

    assert {answer.status for answer in answers} == {200}
    check(f"{IDLE} idle connections", idle, busy, figures)
