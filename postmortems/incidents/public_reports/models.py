"""Table of public reports: the text that is worked on, who approved it, and what is published of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from postmortems.db.session import Base, Body, Fields, Instant, Json, UtcDateTime
from postmortems.incidents.restricted import restrictions


class PublicReport(Base):
    """What customers may read of an incident, in its own words; `sections` are `{part, heading, text}`.

    `kept` are `{text, by, at}` of what stays in although the redaction would take it out, `pictures` the
    links of those that are chosen. `drawn_from` is the incident's version that the text was written after.
    `editors` worked on it since it was last published: none of them approves it. `approved_digest` is of what
    it showed then. `edition` is what is published, redacted and frozen: title, summary, sections, pictures.
    """

    __tablename__ = "public_reports"
    __table_args__ = (Index(None, "is_public", "first_published_at", "slug"),)

    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"), primary_key=True)
    slug: Mapped[str] = mapped_column(String(200), unique=True)
    title: Mapped[Body]
    summary: Mapped[Body]
    sections: Mapped[list[dict[str, str]]] = mapped_column(Json, default=list)
    kept: Mapped[list[dict[str, str]]] = mapped_column(Json, default=list)
    pictures: Mapped[list[str]] = mapped_column(Json, default=list)
    drawn_from: Mapped[int]
    version: Mapped[int] = mapped_column(default=0)
    editors: Mapped[list[str]] = mapped_column(Json, default=list)
    edited_by: Mapped[str] = mapped_column(String(100), default="")
    edited_at: Mapped[Instant]
    asked_by: Mapped[str] = mapped_column(String(100), default="")
    asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    approved_by: Mapped[str] = mapped_column(String(100), default="")
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    approved_digest: Mapped[str] = mapped_column(String(64), default="")
    edition: Mapped[Fields]
    is_public: Mapped[bool] = mapped_column(default=False)
    # Published by an admin although the incident is restricted.
    despite_restriction: Mapped[bool] = mapped_column(default=False)
    published_from: Mapped[int | None]
    published_by: Mapped[str] = mapped_column(String(100), default="")
    published_approval: Mapped[str] = mapped_column(String(100), default="")
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    first_published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_by: Mapped[str] = mapped_column(String(100), default="")
    withdrawn_because: Mapped[Body]
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def edition_sections(self) -> list[dict[str, Any]]:
        return list(self.edition.get("sections", ()))


restrictions.hide(PublicReport, lambda ids: PublicReport.incident_id.in_(ids))
