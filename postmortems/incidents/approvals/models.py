"""Tables of reviews before publishing: who is asked, who approved what, what is skipped, and the rules."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from postmortems.db.session import Base, Body, Instant, Json
from postmortems.incidents.models import Incident
from postmortems.incidents.restricted import restrictions


class ReviewRequest(Base):
    """That an account is asked to review a report. The row goes when the report is published."""

    __tablename__ = "review_requests"
    __table_args__ = (Index(None, "reviewer"),)

    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"), primary_key=True)
    reviewer: Mapped[str] = mapped_column(String(100), primary_key=True)
    asked_by: Mapped[str] = mapped_column(String(100))
    asked_at: Mapped[Instant]
    incident: Mapped[Incident] = relationship()


class Approval(Base):
    """That somebody approved a version; `digest` is of its text, so that a changed text is known as another.

    A person's newest approval of an incident takes the place of the one before.
    """

    __tablename__ = "approvals"

    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    version: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    at: Mapped[Instant]


class SkippedReport(Base):
    """That no report will be written about an incident, and why."""

    __tablename__ = "skipped_reports"

    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"), primary_key=True)
    reason: Mapped[Body]
    by: Mapped[str] = mapped_column(String(100))
    at: Mapped[Instant]


class PublishRule(Base):
    """What an incident of a severity asks for, where an admin said so; "" is one without a severity.

    `approvals` of the text are needed before it is published; the report is due `due_days` after the
    incident, never where that is None.
    """

    __tablename__ = "publish_rules"

    severity: Mapped[str] = mapped_column(String(20), primary_key=True)
    approvals: Mapped[int]
    due_days: Mapped[int | None]
    required_fields: Mapped[list[str]] = mapped_column(Json, default=list)
    required_sections: Mapped[list[str]] = mapped_column(Json, default=list)


restrictions.hide(ReviewRequest, lambda ids: ReviewRequest.incident_id.in_(ids))
restrictions.hide(Approval, lambda ids: Approval.incident_id.in_(ids))
restrictions.hide(SkippedReport, lambda ids: SkippedReport.incident_id.in_(ids))
