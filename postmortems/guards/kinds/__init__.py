"""The kinds of guards, written out by hand in the order in which a menu shows them."""

from postmortems.guards.kinds.attestation import Attestation
from postmortems.guards.kinds.base import Kind
from postmortems.guards.kinds.command import Command
from postmortems.guards.kinds.dns import Dns
from postmortems.guards.kinds.halt import Halt
from postmortems.guards.kinds.heartbeat import Heartbeat
from postmortems.guards.kinds.http import Http
from postmortems.guards.kinds.open_items import OpenItems
from postmortems.guards.kinds.parity import Parity
from postmortems.guards.kinds.prometheus import Prometheus
from postmortems.guards.kinds.scm_check import ScmCheck
from postmortems.guards.kinds.signoff import Signoff
from postmortems.guards.kinds.target import TargetConfirmation
from postmortems.guards.kinds.tcp import Tcp
from postmortems.guards.kinds.webhook import Webhook
from postmortems.guards.kinds.window import Window

_ALL: tuple[Kind, ...] = (
    Window(),
    TargetConfirmation(),
    Attestation(),
    Parity(),
    Halt(),
    OpenItems(),
    Heartbeat(),
    Signoff(),
    Http(),
    Tcp(),
    Dns(),
    Prometheus(),
    ScmCheck(),
    Webhook(),
    Command(),
)
KINDS: dict[str, Kind] = {kind.slug: kind for kind in _ALL}
