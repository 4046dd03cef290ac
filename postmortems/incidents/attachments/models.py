"""Tables of attachments: each content once, what was uploaded of it, and which incidents use that."""

from __future__ import annotations

from sqlalchemy import ColumnElement, ForeignKey, Index, LargeBinary, String, and_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from postmortems.db.session import Base, Body, Instant
from postmortems.incidents.restricted import restrictions
from postmortems.incidents.restricted.restrictions import Ids


class StoredFile(Base):
    """A content, by the SHA-256 of its bytes. Without `content` it lies in the folder for files."""

    __tablename__ = "stored_files"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    size: Mapped[int]
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    # When it was last uploaded: until nobody can be about to use it, it stays.
    uploaded_at: Mapped[Instant]


class Attachment(Base):
    """An upload of a content. Its id is drawn by lot, so that who knows the content does not know the id."""

    __tablename__ = "attachments"
    __table_args__ = (Index(None, "created_by", "id"),)

    id: Mapped[str] = mapped_column(String(22), primary_key=True)
    sha256: Mapped[str] = mapped_column(ForeignKey("stored_files.sha256"), index=True)
    name: Mapped[Body]
    # Of a picture; "" for every other file, which is only ever downloaded.
    media_type: Mapped[str] = mapped_column(String(20), default="")
    size: Mapped[int]
    width: Mapped[int | None]
    height: Mapped[int | None]
    created_by: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[Instant]

    @property
    def is_picture(self) -> bool:
        return bool(self.media_type)


class AttachmentUse(Base):
    """That a saved text of an incident has a link to an attachment, as it is written there.

    A link of ours is `/attachments/<id>`; one of a file that was imported is the author's own, `img/a.png`.
    """

    __tablename__ = "attachment_uses"

    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"), primary_key=True)
    link: Mapped[str] = mapped_column(String(500), primary_key=True)
    attachment_id: Mapped[str] = mapped_column(ForeignKey("attachments.id", ondelete="CASCADE"), index=True)
    attachment: Mapped[Attachment] = relationship()


# The table itself: the condition must not be put to the condition.
USES = AttachmentUse.__table__


def _is_hidden(ids: Ids) -> ColumnElement[bool]:
    """That an attachment is used, and by hidden incidents alone."""
    hidden = select(USES.c.attachment_id).where(USES.c.incident_id.in_(ids))
    shown = select(USES.c.attachment_id).where(USES.c.incident_id.not_in(ids))
    return and_(Attachment.id.in_(hidden), Attachment.id.not_in(shown))


restrictions.hide(AttachmentUse, lambda ids: AttachmentUse.incident_id.in_(ids))
restrictions.hide(Attachment, _is_hidden)
