"""Tables of saved views: the query of a list under a name, and which one somebody's list begins with."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from postmortems.accounts.models import User
from postmortems.db.session import Base, Body, Instant, Key


class SavedView(Base):
    """A view. `query` is that of the list's address; `revision` moves with every edit."""

    __tablename__ = "saved_views"
    __table_args__ = (UniqueConstraint("user_id", "name"), Index(None, "is_shared", "id"))

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(60))
    query: Mapped[Body]
    is_shared: Mapped[bool] = mapped_column(default=False)
    revision: Mapped[int] = mapped_column(default=1)
    saved_at: Mapped[Instant]
    user: Mapped[User] = relationship()

    __mapper_args__ = {"version_id_col": revision}


class DefaultView(Base):
    """The view that somebody's list begins with: one of theirs, or a shared one."""

    __tablename__ = "default_views"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    view_id: Mapped[int] = mapped_column(ForeignKey("saved_views.id", ondelete="CASCADE"), index=True)
