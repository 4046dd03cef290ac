"""The kinds of guards, written out by hand in the order in which a menu shows them."""

from postmortems.guards.kinds.attestation import Attestation
from postmortems.guards.kinds.base import Kind
from postmortems.guards.kinds.http import Http
from postmortems.guards.kinds.target import TargetConfirmation
from postmortems.guards.kinds.window import Window

KINDS: dict[str, Kind] = {kind.slug: kind for kind in (Window(), TargetConfirmation(), Attestation(), Http())}
