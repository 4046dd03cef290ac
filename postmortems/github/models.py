"""Tables of GitHub: the App, the environments it guards, and the requests that came."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from postmortems.db.session import Base, Body, Fields, Instant, Key, UtcDateTime


class GithubApp(Base):
    """The one App: its number and its two secrets, encrypted at rest. `api` is GitHub's address."""

    __tablename__ = "github_app"

    id: Mapped[Key]
    app_id: Mapped[str] = mapped_column(String(20))
    api: Mapped[str] = mapped_column(String(500))
    private_key: Mapped[Body]
    webhook_secret: Mapped[Body]
    edited_at: Mapped[Instant]


class GithubEnvironment(Base):
    """An environment of a repository, and the target that it is. The repository is known by its number."""

    __tablename__ = "github_environments"
    __table_args__ = (UniqueConstraint("repository_id", "environment"), Index(None, "target"))

    id: Mapped[Key]
    repository_id: Mapped[str] = mapped_column(String(20))
    # What people call it; GitHub's own name goes along when it is moved.
    repository: Mapped[str] = mapped_column(String(200))
    environment: Mapped[str] = mapped_column(String(255))
    target: Mapped[str] = mapped_column(String(201))
    # Decisions about the target become statuses of the commits that they were about.
    posts_statuses: Mapped[bool] = mapped_column(default=False)
    installation_id: Mapped[str] = mapped_column(String(20), default="")


class GithubRequest(Base):
    """A job that waits for us: what GitHub said of it, and how far we are.

    `answer` is the gate's last one; `reports` counts what was said without deciding, which is limited.
    """

    __tablename__ = "github_requests"
    __table_args__ = (Index(None, "received_at"),)

    delivery: Mapped[str] = mapped_column(String(100), primary_key=True)
    asked: Mapped[Fields]
    answer: Mapped[Fields]
    reports: Mapped[int] = mapped_column(default=0)
    said: Mapped[Body]
    received_at: Mapped[Instant]
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class GithubStatus(Base):
    """The newest status that we put to a commit for an environment, and the question it answers."""

    __tablename__ = "github_statuses"
    __table_args__ = (Index(None, "state", "checked_at"),)

    environment_id: Mapped[int] = mapped_column(
        ForeignKey("github_environments.id", ondelete="CASCADE"), primary_key=True
    )
    sha: Mapped[str] = mapped_column(String(64), primary_key=True)
    state: Mapped[str] = mapped_column(String(10))
    decision_id: Mapped[str] = mapped_column(String(40))
    asked: Mapped[Fields]
    decided_at: Mapped[Instant]
    checked_at: Mapped[Instant]
