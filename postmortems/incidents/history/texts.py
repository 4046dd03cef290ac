"""Texts of versions as they are stored: the newest whole, so that it can be joined, older ones packed.

An older text is packed as what differs from one before it that is kept alone, never from another difference:
any version is read by two rows. A new one is kept alone when the differences from the last weigh more than
it.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Integer, and_, bindparam, or_, select, update

from postmortems.db.prepared import PreparedQuery
from postmortems.db.session import session
from postmortems.incidents.history import packed_texts
from postmortems.incidents.history.authorship import Written
from postmortems.incidents.models import Revision

OF_INCIDENT, NEWEST_ONE = Revision.incident_id == bindparam("incident"), bindparam("newest", type_=Integer)
# A version, and the last before it that is kept alone. Put together once, for every save.
NEWEST = PreparedQuery(
    select(Revision.version, Revision.text, Revision.packed, Revision.written)
    .where(
        OF_INCIDENT,
        or_(
            Revision.version == NEWEST_ONE,
            and_(Revision.version < NEWEST_ONE, Revision.packed.is_not(None), Revision.base.is_(None)),
        ),
    )
    .order_by(Revision.version.desc())
    .limit(2)
)
PACK = PreparedQuery(
    update(Revision)
    .where(OF_INCIDENT, Revision.version == NEWEST_ONE)
    .values(text="", packed=bindparam("data"), base=bindparam("whole"), written=None)
)


def of(incident_id: int, versions: Iterable[int]) -> dict[int, str]:
    """By version, the texts of those that there are; at most two queries."""
    found, packed = dict[int, str](), dict[int, tuple[bytes, int]]()
    wanted = set(versions)
    columns = select(Revision.version, Revision.text, Revision.packed, Revision.base)
    its = columns.where(Revision.incident_id == incident_id)
    for version, text, data, base in session().execute(its.where(Revision.version.in_(wanted))):
        if data is None:
            found[version] = text
        elif base is None:
            found[version] = packed_texts.unpacked(data)
        else:
            packed[version] = (data, base)
    wholes = {version: found[version] for _, version in packed.values() if version in found}
    if missing := {base for _, base in packed.values()} - wholes.keys():
        for version, text, data, _ in session().execute(its.where(Revision.version.in_(missing))):
            wholes[version] = text if data is None else packed_texts.unpacked(data)
    return found | {
        version: packed_texts.unpacked(data, wholes[base]) for version, (data, base) in packed.items()
    }


def pack(incident_id: int, version: int) -> Written | None:
    """Pack the text of a version, for a newer one is being saved; gives who wrote what until then."""
    newest = NEWEST.rows({"incident": incident_id, "newest": version})
    if not newest or newest[0].version != version or newest[0].packed is not None:
        return None
    text, whole = newest[0].text, newest[1] if len(newest) > 1 else None
    data, base = smallest(text, version, (whole.version, whole.packed) if whole else None)
    PACK.rows({"incident": incident_id, "newest": version, "data": data, "whole": base})
    written: Written | None = newest[0].written
    return written


def smallest(text: str, version: int, whole: tuple[int, bytes] | None) -> tuple[bytes, int | None]:
    """The text packed, and the version from which it then differs; None where it is kept alone.

    `whole` is the last that was kept alone, with its bytes. Differences grow as the text goes on from there:
    when those since then, taken as a triangle, weigh what the whole does, the next one begins anew.
    """
    if whole is not None:
        since, data = version - whole[0], whole[1]
        delta = packed_texts.packed(text, packed_texts.unpacked(data))
        if len(delta) * since <= 2 * len(data):
            return delta, whole[0]
    return packed_texts.packed(text), None
