"""Tables of GitLab: servers, mappings to targets, and the requests that came."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from postmortems.db.session import Base, Body, Fields, Instant, Key, UtcDateTime


class GitlabServer(Base):
    """A GitLab with its two secrets, encrypted at rest and given for this address alone."""

    __tablename__ = "gitlab_servers"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(100), unique=True)
    api: Mapped[str] = mapped_column(String(500))
    access_token: Mapped[Body]
    webhook_secret: Mapped[Body]
    edited_at: Mapped[Instant]


class GitlabPlace(Base):
    """A status check, a target branch or an environment of a project, and the target that it is.

    The project is known by its number. `trouble` is why its blocked deployments could not be looked for.
    """

    __tablename__ = "gitlab_places"
    __table_args__ = (
        CheckConstraint("kind IN ('check', 'branch', 'environment')", name="kind"),
        UniqueConstraint("server_id", "project_id", "kind", "name"),
    )

    id: Mapped[Key]
    server_id: Mapped[int] = mapped_column(ForeignKey("gitlab_servers.id", ondelete="CASCADE"))
    server: Mapped[GitlabServer] = relationship(lazy="joined")
    project_id: Mapped[str] = mapped_column(String(20))
    # What people call it; GitLab's own name goes along when it is moved.
    project: Mapped[str] = mapped_column(String(255))
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(255))
    target: Mapped[str] = mapped_column(String(201))
    looked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    trouble: Mapped[Body]


class GitlabRequest(Base):
    """A merge request's commit or a deployment that waits for us: what GitLab said of it, and how far we are.

    `about` names it for good. `number` is the merge request's in its project, or the deployment's;
    `check_id` and `sha` are a merge request's alone. `answer` is the gate's last one, `said` what GitLab was
    told last.
    """

    __tablename__ = "gitlab_requests"
    __table_args__ = (
        CheckConstraint("kind IN ('check', 'deployment')", name="kind"),
        Index(None, "server_id", "project_id", "number"),
        Index(None, "asked_at"),
    )

    about: Mapped[str] = mapped_column(String(200), primary_key=True)
    server_id: Mapped[int] = mapped_column(ForeignKey("gitlab_servers.id", ondelete="CASCADE"))
    server: Mapped[GitlabServer] = relationship(lazy="joined")
    kind: Mapped[str] = mapped_column(String(20))
    project_id: Mapped[str] = mapped_column(String(20))
    number: Mapped[str] = mapped_column(String(20))
    check_id: Mapped[str] = mapped_column(String(20), default="")
    sha: Mapped[str] = mapped_column(String(64), default="")
    asked: Mapped[Fields]
    target: Mapped[str] = mapped_column(String(201), default="")
    answer: Mapped[Fields]
    said: Mapped[str] = mapped_column(String(10), default="")
    trouble: Mapped[Body]
    asked_at: Mapped[Instant]
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
