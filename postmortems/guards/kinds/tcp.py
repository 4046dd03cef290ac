"""`tcp`: a port is open and greets as expected. Nothing listening is a fail."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from postmortems.egress.client import Egress
from postmortems.guards.config_fields import flag, lines, readable, text, time_limit, whole
from postmortems.guards.judgement import Evidence, Judgement, Question
from postmortems.guards.kind import Configuration, Kind
from postmortems.guards.probing import regex, result

if TYPE_CHECKING:
    from postmortems.egress.transport import EgressConnection

MOST_READ = 64 * 1024
HOST = validate.Regexp(r"[0-9A-Za-z._:-]{1,253}\Z", error="write a host's name or address")
TURN = re.compile(r"(?P<how>send|expect|matches):\s?(?P<text>.+)", re.DOTALL)
ESCAPE = re.compile(r"\\(r|n|t|0|\\)")
ESCAPES = {"r": "\r", "n": "\n", "t": "\t", "0": "\0", "\\": "\\"}


def _is_turn(line: str) -> None:
    match = TURN.fullmatch(line)
    if not match:
        raise ValidationError("write send: text, expect: text or matches: expression")
    if match["how"] == "matches":
        readable(regex.check)(match["text"])


class TcpConfig(Schema):
    host = text(
        "Host",
        "Its name or address. A private one needs the operator's allowance.",
        HOST,
        required=True,
        example="db.staging.example.org",
    )
    port = whole("Port", "Where it listens.", None, (1, 65535), required=True, example=5432)
    tls = flag("Over TLS", "Begin with TLS, with a certificate for the host.")
    tls_min_days = whole(
        "Certificate lasts, in days", "The certificate must be valid for so long.", None, (0, 3650)
    )
    talk = lines(
        "Talk",
        "In turn, one per line: send: text, expect: text or matches: expression (RE2); "
        "\\r and \\n stand for line ends.",
        _is_turn,
        most=8,
        example=["send: PING\\r\\n", "expect: PONG"],
        longest=300,
    )
    timeout_s = time_limit("For all of it together.", 5)

    @validates_schema(skip_on_field_errors=True)
    def _fits_together(self, config: dict[str, Any], **_: Any) -> None:
        if config["tls_min_days"] is not None and not config["tls"]:
            raise ValidationError("only TLS has a certificate", "tls_min_days")


class TcpObserved(result.Observed):
    tls_days_left = result.whole("Certificate lasts, in days", "How long the certificate was still valid.")
    heard = fields.List(
        fields.Boolean(),
        metadata={"label": "Heard", "description": "For each text that was waited for, in turn: yes or no."},
    )


class Tcp(Kind):
    slug = "tcp"
    label = "Open port"
    passes_when = "the port takes connections and says what is expected, in time"
    by_clock = f"{result.AGES_BY_CLOCK} A certificate's days are counted by it too."
    Config = TcpConfig
    Observed = TcpObserved
    sample = {"host": "db.staging.example.org", "port": 5432}
    observes = True

    def observe(self, config: Configuration, question: Question, egress: Egress) -> dict[str, Any]:
        config = self.filled(config)
        return _asked(config) | result.probed(lambda: _probe(config, egress))

    def judge(self, config: Configuration, evidence: Evidence, question: Question) -> Judgement:
        config = self.filled(config)
        seen = result.newest(evidence)
        place = f"{config['host']} port {config['port']}"
        expected = {name: config[name] for name in ("talk", "tls_min_days") if config[name]}
        if seen is None or not result.is_of(seen, question, _asked(config)):
            return result.unseen(question, place, expected)
        if nothing := result.unanswered(seen, place, expected):
            return nothing
        data, at = seen.data, seen.observed_at
        observed = {name: data[name] for name in ("tls_days_left", "heard") if data.get(name) is not None}
        days = data.get("tls_days_left")
        if config["tls_min_days"] is not None and (days is None or days < config["tls_min_days"]):
            told = f"{place}: its certificate lasts {days} days"
            return Judgement("fail", "certificate_ends", told, observed, expected, at)
        heard = list(data.get("heard", ()))
        waited = [line for line in config["talk"] if not line.startswith("send:")]
        if heard != [True] * len(waited):
            missed = waited[min(len(heard) - 1, len(waited) - 1)] if heard else waited[0]
            return Judgement("fail", "not_heard", f"{place} did not say {missed!r}", observed, expected, at)
        return Judgement("pass", "as_expected", f"{place} is open, as expected", observed, expected, at)


def _asked(config: Configuration) -> dict[str, Any]:
    return {name: config[name] for name in ("host", "port", "tls", "talk")}


def _probe(config: Configuration, egress: Egress) -> dict[str, Any]:
    with egress.connect(
        config["host"], config["port"], tls=config["tls"], timeout_s=config["timeout_s"]
    ) as line:
        return {
            "heard": _talk(line, config["talk"]),
            "tls_days_left": line.days_left,
            "peer": line.peer,
            "rule": line.rule,
        }


def _talk(line: EgressConnection, turns: Sequence[str]) -> list[bool]:
    """For each thing that was waited for, whether it was heard; it ends with the first that was not."""
    heard: list[bool] = []
    unread = ""
    decode = codecs.getincrementaldecoder("utf-8")("replace").decode
    for turn in turns:
        match = TURN.fullmatch(turn)
        if match is None:
            continue
        if match["how"] == "send":
            line.write(ESCAPE.sub(lambda found: ESCAPES[found[1]], match["text"]).encode())
            unread = ""
            continue
        is_there = _finder(match["how"], match["text"])
        while not is_there(unread) and len(unread) < MOST_READ:
            piece = line.read(4096)
            if not piece:
                break
            unread += decode(piece)
        heard.append(is_there(unread))
        if not heard[-1]:
            break
    return heard


def _finder(how: str, text: str) -> Any:
    if how == "matches":
        return lambda said: regex.found(text, said)
    wanted = ESCAPE.sub(lambda found: ESCAPES[found[1]], text)
    return lambda said: wanted in said
