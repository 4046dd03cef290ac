"""Registry of guard kinds, in the order in which menus show them."""

from postmortems.guards.kind import Kind
from postmortems.guards.kinds.attestation import Attestation
from postmortems.guards.kinds.command.kind import Command
from postmortems.guards.kinds.dns import Dns
from postmortems.guards.kinds.halt import Halt
from postmortems.guards.kinds.heartbeat.kind import Heartbeat
from postmortems.guards.kinds.http.kind import Http
from postmortems.guards.kinds.open_items import OpenItems
from postmortems.guards.kinds.parity.kind import Parity
from postmortems.guards.kinds.prometheus.kind import Prometheus
from postmortems.guards.kinds.scm_check.kind import ScmCheck
from postmortems.guards.kinds.signoff.kind import Signoff
from postmortems.guards.kinds.target import TargetConfirmation
from postmortems.guards.kinds.tcp import Tcp
from postmortems.guards.kinds.webhook import Webhook
from postmortems.guards.kinds.window.kind import Window

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
