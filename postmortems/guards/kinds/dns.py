"""`dns`: a name resolves as expected. A missing name is a fail; a failing server is inconclusive."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from marshmallow import Schema, ValidationError, fields, validate

from postmortems.egress.client import Egress, Unreachable
from postmortems.guards.config_fields import choice, lines, text, time_limit, whole
from postmortems.guards.judgement import Evidence, Judgement, Question
from postmortems.guards.kind import Configuration, Kind
from postmortems.guards.probing import result

if TYPE_CHECKING:
    from dns.message import Message

TYPES = ("A", "AAAA", "CNAME", "MX", "TXT", "NS", "SRV", "CAA", "PTR")
# A server that says one of these does not know, which is not the same as there being nothing.
FAILING = frozenset({"SERVFAIL", "REFUSED", "NOTIMP", "FORMERR"})


def _is_name(text: str) -> None:
    import dns.exception
    import dns.name

    try:
        dns.name.from_text(text)
    except (dns.exception.DNSException, UnicodeError):
        raise ValidationError("this is no name that could be looked up") from None


def _is_server(text: str) -> None:
    address, _, port = text.partition("#")
    try:
        ip_address(address)
    except ValueError:
        if not text:
            return
        raise ValidationError("write an address, with #port if it is not 53: 10.0.0.53#5353") from None
    if port and not (port.isdecimal() and 0 < int(port[:6]) < 65536):
        raise ValidationError("there is no such port")


class DnsConfig(Schema):
    name = text(
        "Name",
        "What to look up.",
        validate.Length(1, 253),
        _is_name,
        required=True,
        example="hub.example.org",
    )
    rtype = choice("Type", "The type of record to ask for.", "A", TYPES)
    resolver = text(
        "Server",
        "The address of the server to ask, under the operator's rules. Empty: the one "
        "that this service's machine asks.",
        _is_server,
        example="10.0.0.53",
    )
    expect_any = lines(
        "One of",
        "At least one of these must be among the answers.",
        most=20,
        longest=300,
    )
    expect_all = lines("All of", "Each of these must be among the answers.", most=20, longest=300)
    valid_rcodes = lines(
        "Response codes",
        "NOERROR: it exists. NXDOMAIN: it does not, where that is what is wanted.",
        default=["NOERROR"],
        least=1,
        most=2,
        of=fields.String(validate=validate.OneOf(["NOERROR", "NXDOMAIN"])),
    )
    max_ttl_s = whole(
        "Longest time to live, in seconds",
        "A record that is kept longer could not be changed in time.",
        None,
        (0, 604_800),
    )
    timeout_s = time_limit("For the whole exchange.", 5)


class DnsObserved(result.Observed):
    rcode = result.words(
        "Response code",
        "NOERROR: it exists. NXDOMAIN: it does not. SERVFAIL: the server does not know.",
        example="NXDOMAIN",
    )
    count = result.whole("Records", "How many records there were.")
    ttl_s = result.whole("Time to live, in seconds", "How long a record may be kept.")
    found = result.held("Found", "Which of the expected values were among the answers.")


class Dns(Kind):
    slug = "dns"
    label = "Name resolves"
    passes_when = "the name resolves to what is expected"
    by_clock = result.AGES_BY_CLOCK
    Config = DnsConfig
    Observed = DnsObserved
    sample = {"name": "hub.example.org", "resolver": "192.0.2.53", "expect_any": ["203.0.113.10"]}
    observes = True

    def observe(self, config: Configuration, question: Question, egress: Egress) -> dict[str, Any]:
        config = self.filled(config)
        return _asked(config) | result.probed(lambda: _probe(config, egress))

    def judge(self, config: Configuration, evidence: Evidence, question: Question) -> Judgement:
        config = self.filled(config)
        seen = result.newest(evidence)
        what = f"{config['name']} {config['rtype']}"
        names = ("expect_any", "expect_all", "valid_rcodes", "max_ttl_s")
        expected = {name: config[name] for name in names if config[name] not in (None, [])}
        if seen is None or not result.is_of(seen, question, _asked(config)):
            return result.unseen(question, what, expected)
        if nothing := result.unanswered(seen, what, expected, silence="inconclusive"):
            return nothing
        verdict, code, told = _answer(config, seen.data)
        observed = {name: seen.data[name] for name in ("rcode", "count", "ttl_s") if name in seen.data}
        return Judgement(verdict, code, f"{what}: {told}", observed, expected, seen.observed_at)


def _answer(config: Configuration, data: Any) -> tuple[str, str, str]:
    rcode, found = data.get("rcode", ""), data.get("found", {})
    if rcode in FAILING:
        return "inconclusive", "server_failed", f"the server says {rcode}"
    if rcode not in config["valid_rcodes"]:
        return "fail", "wrong_rcode", f"the server says {rcode or 'nothing'}"
    missing = [value for value in config["expect_all"] if not found.get(value)]
    if missing:
        return "fail", "not_among_them", f"{missing[0]} is not among the answers"
    if config["expect_any"] and not any(found.get(value) for value in config["expect_any"]):
        return "fail", "not_among_them", "none of the expected is among the answers"
    if rcode == "NOERROR" and not data.get("count") and "NXDOMAIN" not in config["valid_rcodes"]:
        return "fail", "no_answer", "there is no such record"
    ttl, longest = data.get("ttl_s"), config["max_ttl_s"]
    if longest is not None and ttl is not None and ttl > longest:
        return "fail", "kept_too_long", f"it is kept for {ttl} s"
    return "pass", "as_expected", "resolves as expected"


def _asked(config: Configuration) -> dict[str, Any]:
    return {name: config[name] for name in ("name", "rtype", "resolver")}


def _probe(config: Configuration, egress: Egress) -> dict[str, Any]:
    import dns.message
    import dns.rcode

    query = dns.message.make_query(config["name"], config["rtype"])
    address, _, port = config["resolver"].partition("#")
    wire = egress.exchange(
        address,
        int(port or 53),
        query.to_wire(),
        lambda answer: _read(answer, query) is not None,
        timeout_s=config["timeout_s"],
    )
    answer = _read(wire, query)
    if answer is None:
        raise Unreachable("what answers does not speak DNS")
    records = [rrset for rrset in answer.answer if rrset.rdtype == query.question[0].rdtype]
    values = {_plain(str(record)) for rrset in records for record in rrset}
    return {
        "rcode": dns.rcode.to_text(answer.rcode()),
        "count": len(values),
        "ttl_s": min((rrset.ttl for rrset in records), default=None),
        # What it resolves to is not kept, only whether it is what was expected.
        "found": {value: _plain(value) in values for value in [*config["expect_any"], *config["expect_all"]]},
    }


def _read(wire: bytes, query: Message) -> Message | None:
    """The message, if it is one that answers the query; forged and broken ones are passed over."""
    import dns.exception
    import dns.message

    try:
        answer = dns.message.from_wire(wire, ignore_trailing=True, raise_on_truncation=False)
    except (dns.exception.DNSException, ValueError):
        return None
    return answer if query.is_response(answer) else None


def _plain(value: str) -> str:
    return value.strip().strip('"').rstrip(".").lower()
