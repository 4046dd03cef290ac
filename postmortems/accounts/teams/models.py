"""Tables of teams: their members, and other names of people and teams."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from postmortems.accounts.models import User
from postmortems.actor import TEAM_ROLES
from postmortems.db.session import Base, Instant, Key, UtcDateTime
from postmortems.db.versions import DUE_DATES, moved_by

# Who put somebody into a team: a person here, the company's directory, a rule about groups.
BY_HAND, BY_DIRECTORY, BY_RULE = WAYS = ("hand", "directory", "rule")
LONGEST_GROUP = 255


class Team(Base):
    """People who answer for services and items together. `name_key` is the name as names are compared."""

    __tablename__ = "teams"
    # Its due-date policies go with it.
    __table_args__ = moved_by(DUE_DATES)

    id: Mapped[Key]
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    name_key: Mapped[str] = mapped_column(String(200), unique=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[Instant]
    # What the company's directory calls the team.
    external_id: Mapped[str | None] = mapped_column(String(255), index=True)
    members: Mapped[list[TeamMember]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, back_populates="team"
    )


class TeamMember(Base):
    """One person in one team. Leads hear of what is late before admins do.

    `role` counts for what belongs to the team, beside the account's own; empty for none. `role_group` is the
    group that gives it; empty where it was given here. `via` is who put them there: being in a team gives
    roles elsewhere only as far as the directory says it, not whoever leads the team.
    """

    __tablename__ = "team_members"
    __table_args__ = (
        CheckConstraint(f"role IN {('', *TEAM_ROLES)}", name="role"),
        CheckConstraint(f"via IN {WAYS}", name="via"),
    )

    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    is_lead: Mapped[bool] = mapped_column(default=False)
    role: Mapped[str] = mapped_column(String(10), default="", server_default="")
    role_group: Mapped[str] = mapped_column(String(LONGEST_GROUP), default="", server_default="")
    via: Mapped[str] = mapped_column(String(10), default=BY_HAND, server_default=BY_HAND)
    team: Mapped[Team] = relationship(back_populates="members")
    user: Mapped[User] = relationship()


class OwnerName(Base):
    """Another name of a person or a team: a report says `Yuvi`, and the account is `yuvi-p`.

    `key` is the name as names are compared. `former_since` where the account itself was called that until
    then: nobody else gets such a name before an admin has forgotten it.
    """

    __tablename__ = "owner_names"
    __table_args__ = (CheckConstraint("(user_id IS NULL) != (team_id IS NULL)", name="one"),)

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"), index=True)
    former_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    user: Mapped[User | None] = relationship()
    team: Mapped[Team | None] = relationship()
