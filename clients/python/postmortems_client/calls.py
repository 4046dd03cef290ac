"""Calls: every operation of the API as a value that a client sends.

Written by `scripts/client` from the OpenAPI document: changes belong there.
"""

from __future__ import annotations

from typing import Any, Literal

from postmortems_client import models
from postmortems_client.call import Call, File, Listing, Text, path


class home:
    """Home: what needs you today"""

    @staticmethod
    def show() -> Call[models.WebHome]:
        """What needs you today, what is late first"""
        return Call("GET", "/api/v1/home")


class search:
    """Search: incidents, action items, guards and decisions by one query"""

    @staticmethod
    def search(
        *, q: str | None = None, after: str | None = None, limit: int | None = None
    ) -> Listing[models.SearchSearch, models.SearchHit]:
        """What a query finds, best first: with the words in the title, then in the text, each the newest
        first
        """
        return Listing(
            "GET",
            "/api/v1/search",
            query={"q": q, "after": after, "limit": limit},
            rows="hits",
            cursor="after",
        )


class incidents:
    """Incidents with their postmortems, as JSON or Markdown"""

    @staticmethod
    def index(
        *,
        service: str | None = None,
        severity: Literal["", "SEV1", "SEV2", "SEV3", "SEV4", "-"] | None = None,
        occurred_from: str | None = None,
        occurred_before: str | None = None,
        team: str | None = None,
        repeats: bool | None = None,
        untagged: bool | None = None,
        status: Literal["", "draft", "published"] | None = None,
        state: Literal["", "draft", "in_review", "published", "reopened", "skipped", "unwritten", "overdue"]
        | None = None,
        year: int | None = None,
        q: str | None = None,
        after: str | None = None,
        limit: int | None = None,
        format: Literal["", "json", "csv", "zip", "atom"] | None = None,
        bom: bool | None = None,
        drafts: bool | None = None,
        restricted: bool | None = None,
        style: Literal["", "source", "canonical"] | None = None,
        layout: Literal[
            "",
            "plain",
            "quarto",
            "jekyll",
            "hugo",
            "mkdocs",
            "confluence",
            "notion",
            "gdocs",
            "docx",
            "sphinx",
        ]
        | None = None,
    ) -> Listing[models.IncidentsList, models.IncidentsFront]:
        """Incidents, newest first: JSON, CSV, a zip of Markdown or an Atom feed, by Accept or `format`"""
        return Listing(
            "GET",
            "/api/v1/incidents",
            query={
                "service": service,
                "severity": severity,
                "occurred_from": occurred_from,
                "occurred_before": occurred_before,
                "team": team,
                "repeats": repeats,
                "untagged": untagged,
                "status": status,
                "state": state,
                "year": year,
                "q": q,
                "after": after,
                "limit": limit,
                "format": format,
                "bom": bom,
                "drafts": drafts,
                "restricted": restricted,
                "style": style,
                "layout": layout,
            },
            rows="incidents",
            cursor="after",
        )

    @staticmethod
    def create(
        body: models.IncidentsEdit | Text, *, name: str | None = None
    ) -> Call[models.IncidentsIncident]:
        """Add an incident"""
        return Call("POST", "/api/v1/incidents", query={"name": name}, body=body)

    @staticmethod
    def show(
        slug: str,
        *,
        format: Literal["", "json", "markdown", "html", "pdf", "docx", "confluence", "notion", "gdocs"]
        | None = None,
        comments: bool | None = None,
    ) -> Call[models.IncidentsIncident]:
        """One incident: JSON, canonical Markdown where `Accept` prefers it, a page in one file, or PDF

        With `format` the answer is a file to keep. The page has its styles and its drawing in it and
        no script. PDF is there where the server has WeasyPrint. `docx`, `confluence`, `notion` and
        `gdocs` are what these tools take in, as `export --layout` writes it.
        """
        return Call("GET", f"/api/v1/incidents/{path(slug)}", query={"format": format, "comments": comments})

    @staticmethod
    def replace(
        slug: str, body: models.IncidentsEdit | Text, *, merge: bool | None = None, version: int | None = None
    ) -> Call[models.IncidentsIncident]:
        """Save a new version, whole; say which one was edited by `version` or If-Match

        An edit of an older version is brought together with what was saved since, where the two are of
        different parts: the answer then says what was `merged`. Where both changed the same lines it
        is refused: 409, or 412 with If-Match. The problem has the three texts, `base`, `theirs` and
        `yours`, the parts that clash, word by word, and `merged`, a text with the words of both: look
        it over and send it with the `version` that the problem names. With If-Match, and with
        `merge=false`, any stale edit is refused. `If-Match: *` overwrites. What is stored already is
        answered without a new version. A body that says nothing of `restricted` leaves it as it is; an
        empty list shows the incident to everybody.
        """
        return Call(
            "PUT", f"/api/v1/incidents/{path(slug)}", query={"merge": merge, "version": version}, body=body
        )

    @staticmethod
    def delete(slug: str) -> Call[None]:
        """Delete an incident with its items and revisions; the event stream keeps its text"""
        return Call("DELETE", f"/api/v1/incidents/{path(slug)}")

    @staticmethod
    def revisions(
        slug: str, *, before: int | None = None, limit: int | None = None
    ) -> Call[models.IncidentsRevisions]:
        """The saves of an incident, newest first, each with what it changed"""
        return Call(
            "GET", f"/api/v1/incidents/{path(slug)}/revisions", query={"before": before, "limit": limit}
        )

    @staticmethod
    def revision(slug: str, version: int) -> Call[models.IncidentsWholeRevision]:
        """One save with its text, as JSON or as Markdown"""
        return Call("GET", f"/api/v1/incidents/{path(slug)}/revisions/{path(version)}")


class history:
    """Versions of incidents: compared, by author, restored"""

    @staticmethod
    def diff(
        slug: str,
        *,
        from_: int | None = None,
        to: int | None = None,
        format: Literal["", "json", "html", "patch"] | None = None,
    ) -> Call[models.IncidentsDiff]:
        """What differs between two versions, by part and word by word: JSON, HTML or a patch of the
        Markdown
        """
        return Call(
            "GET", f"/api/v1/incidents/{path(slug)}/diff", query={"from": from_, "to": to, "format": format}
        )

    @staticmethod
    def authorship(slug: str) -> Call[models.IncidentsAuthorship]:
        """Who changed each part of an incident last, when and in which version"""
        return Call("GET", f"/api/v1/incidents/{path(slug)}/authorship")

    @staticmethod
    def restore(slug: str, version: int, body: models.IncidentsRestore) -> Call[models.IncidentsDiff]:
        """Save an earlier version, or one section of it, again; answers what that changed

        What was saved since stays in the history. Items that were taken out since come back with new
        numbers.
        """
        return Call("POST", f"/api/v1/incidents/{path(slug)}/revisions/{path(version)}/restore", body=body)


class comments:
    """Comments on an incident and its parts"""

    @staticmethod
    def index(
        slug: str, *, after: int | None = None, limit: int | None = None
    ) -> Listing[models.IncidentsComments, models.IncidentsComment]:
        """The comments on an incident, oldest first; of one that was deleted nothing but that it was
        there
        """
        return Listing(
            "GET",
            f"/api/v1/incidents/{path(slug)}/comments",
            query={"after": after, "limit": limit},
            rows="comments",
            cursor="after",
        )

    @staticmethod
    def add(slug: str, body: models.IncidentsNewComment) -> Call[models.IncidentsComment]:
        """Comment on the incident, on a part of it, or on a comment; suggest other words for a part"""
        return Call("POST", f"/api/v1/incidents/{path(slug)}/comments", body=body)

    @staticmethod
    def edit(
        slug: str, comment_id: int, body: models.IncidentsCommentChange
    ) -> Call[models.IncidentsComment]:
        """Resolve a thread or open it again, or change the words of your own comment"""
        return Call("PATCH", f"/api/v1/incidents/{path(slug)}/comments/{path(comment_id)}", body=body)

    @staticmethod
    def remove(slug: str, comment_id: int) -> Call[None]:
        """Delete your own comment, or anybody's as an admin; that it was there, and who deleted it, stays"""
        return Call("DELETE", f"/api/v1/incidents/{path(slug)}/comments/{path(comment_id)}")

    @staticmethod
    def apply(slug: str, comment_id: int) -> Call[models.IncidentsComment]:
        """Put the suggested words in their part's place: a new version, and the thread is resolved

        It is refused where the part says something else by now than when the suggestion was made.
        """
        return Call("POST", f"/api/v1/incidents/{path(slug)}/comments/{path(comment_id)}/apply")


class mentions:
    """Mentions: where somebody spoke of you"""

    @staticmethod
    def index(
        *, seen: bool | None = None, before: int | None = None, limit: int | None = None
    ) -> Listing[models.IncidentsMentions, models.IncidentsMention]:
        """Where you are mentioned, newest first, in incidents that you may see"""
        return Listing(
            "GET",
            "/api/v1/mentions",
            query={"seen": seen, "before": before, "limit": limit},
            rows="mentions",
            cursor="before",
        )

    @staticmethod
    def edit(mention_id: int, body: models.IncidentsSeen) -> Call[models.IncidentsMention]:
        """Say that you have seen where you are mentioned, or have not"""
        return Call("PATCH", f"/api/v1/mentions/{path(mention_id)}", body=body)


class approvals:
    """Reviews of reports before they are published"""

    @staticmethod
    def show(slug: str) -> Call[models.IncidentsReportReview]:
        """The report's state, who is asked to review it, who approved what, and when it is due"""
        return Call("GET", f"/api/v1/incidents/{path(slug)}/review")

    @staticmethod
    def ask(slug: str, body: models.IncidentsReviewers) -> Call[models.IncidentsReportReview]:
        """Ask accounts that may see the incident to review its report: from then on it is in review"""
        return Call("POST", f"/api/v1/incidents/{path(slug)}/review", body=body)

    @staticmethod
    def withdraw(slug: str) -> Call[models.IncidentsReportReview]:
        """Ask nobody any more; approvals stay"""
        return Call("DELETE", f"/api/v1/incidents/{path(slug)}/review")

    @staticmethod
    def approve(slug: str, body: models.IncidentsApprove | None = None) -> Call[models.IncidentsReportReview]:
        """Approve the report as it is now, in your own name, where you are asked to

        The approval is of that text: it counts for publishing as long as the text stays the same.
        """
        return Call("POST", f"/api/v1/incidents/{path(slug)}/review/approval", body=body)

    @staticmethod
    def withdraw_approval(slug: str) -> Call[models.IncidentsReportReview]:
        """Take your approval back"""
        return Call("DELETE", f"/api/v1/incidents/{path(slug)}/review/approval")

    @staticmethod
    def skip(slug: str, body: models.IncidentsSkip) -> Call[models.IncidentsReportReview]:
        """Say that no report will be written, and why; it is shown with the incident"""
        return Call("PUT", f"/api/v1/incidents/{path(slug)}/review/skip", body=body)

    @staticmethod
    def take_up(slug: str) -> Call[models.IncidentsReportReview]:
        """Say that the report will be written after all"""
        return Call("DELETE", f"/api/v1/incidents/{path(slug)}/review/skip")

    @staticmethod
    def list_rules() -> Call[models.IncidentsPublishRules]:
        """What a report needs before it is published and when it is due, by severity"""
        return Call("GET", "/api/v1/publish-rules")

    @staticmethod
    def set_rule(severity: str, body: models.IncidentsPublishRuleEdit) -> Call[models.IncidentsPublishRule]:
        """Set the rule of a severity, `none` for incidents that have none"""
        return Call("PUT", f"/api/v1/publish-rules/{path(severity)}", body=body)


class public_reports:
    """Public reports: what customers read of an incident"""

    @staticmethod
    def show(slug: str) -> Call[models.IncidentsPublicReport]:
        """The public report of an incident: its text, what would be shown, and what was taken out"""
        return Call("GET", f"/api/v1/incidents/{path(slug)}/public-report")

    @staticmethod
    def replace(slug: str, body: models.IncidentsPublicReportEdit) -> Call[models.IncidentsPublicReport]:
        """Write it; what is public stays as it is until this is approved and published

        An approval of another text ends. Of a restricted incident only an admin may.
        """
        return Call("PUT", f"/api/v1/incidents/{path(slug)}/public-report", body=body)

    @staticmethod
    def discard(slug: str) -> Call[None]:
        """Delete it with its text; its page goes with it"""
        return Call("DELETE", f"/api/v1/incidents/{path(slug)}/public-report")

    @staticmethod
    def ask(slug: str) -> Call[models.IncidentsPublicReport]:
        """Ask for the approval of a second person"""
        return Call("PUT", f"/api/v1/incidents/{path(slug)}/public-report/approval")

    @staticmethod
    def approve(slug: str, body: models.IncidentsApproved) -> Call[models.IncidentsPublicReport]:
        """Approve exactly what would be shown, in your own name, where you neither wrote it nor asked"""
        return Call("POST", f"/api/v1/incidents/{path(slug)}/public-report/approval", body=body)

    @staticmethod
    def withdraw_approval(slug: str) -> Call[models.IncidentsPublicReport]:
        """Make it a draft again: the question for an approval and the approval end"""
        return Call("DELETE", f"/api/v1/incidents/{path(slug)}/public-report/approval")

    @staticmethod
    def publish(slug: str) -> Call[models.IncidentsPublicReport]:
        """Show to everybody what was approved"""
        return Call("POST", f"/api/v1/incidents/{path(slug)}/public-report/publication")

    @staticmethod
    def withdraw(slug: str) -> Call[models.IncidentsPublicReport]:
        """Take the public page away; the text stays to be worked on"""
        return Call("DELETE", f"/api/v1/incidents/{path(slug)}/public-report/publication")


class templates:
    """Templates: the sections and prompts that a report begins with"""

    @staticmethod
    def index(
        *, severity: Literal["SEV1", "SEV2", "SEV3", "SEV4", None] | None = None, service: str | None = None
    ) -> Call[models.IncidentsTemplates]:
        """Templates, the best match first; with `severity` or `service` those alone that fit

        One that names the service goes before one that names the severity, and that before one for
        all.
        """
        return Call("GET", "/api/v1/templates", query={"severity": severity, "service": service})

    @staticmethod
    def create(body: models.IncidentsTemplateText) -> Call[models.IncidentsTemplate]:
        """Write a new template"""
        return Call("POST", "/api/v1/templates", body=body)

    @staticmethod
    def show(slug: str) -> Call[models.IncidentsTemplate]:
        """One template"""
        return Call("GET", f"/api/v1/templates/{path(slug)}")

    @staticmethod
    def change(slug: str, body: models.IncidentsTemplateEdit) -> Call[models.IncidentsTemplate]:
        """Write a template anew; reports that were begun with it stay as they are"""
        return Call("PUT", f"/api/v1/templates/{path(slug)}", body=body)

    @staticmethod
    def delete(slug: str) -> Call[None]:
        """Offer a template no more; who is writing with it keeps everything"""
        return Call("DELETE", f"/api/v1/templates/{path(slug)}")

    @staticmethod
    def bring_back(slug: str) -> Call[models.IncidentsTemplate]:
        """Offer a starter again as it came with the service"""
        return Call("POST", f"/api/v1/templates/{path(slug)}/starter")


class attachments:
    """Pictures and files of incidents"""

    @staticmethod
    def create(body: list[File]) -> Call[models.IncidentsAttachment]:
        """Upload a picture or a file; write its `markdown` into a text and save that, and it is the
        incident's

        What it is says its content. A picture (PNG, JPEG, GIF, WebP) is written anew, turned as it was
        taken and without its place and other metadata; SVG is refused. Every other file is only ever
        downloaded.
        """
        return Call("POST", "/api/v1/attachments", body=body)

    @staticmethod
    def index(
        *, incident: str | None = None, after: str | None = None, limit: int | None = None
    ) -> Listing[models.IncidentsAttachments, models.IncidentsAttachmentUse]:
        """The attachments of an incident, or what you uploaded that no saved text has"""
        return Listing(
            "GET",
            "/api/v1/attachments",
            query={"incident": incident, "after": after, "limit": limit},
            rows="attachments",
            cursor="after",
        )

    @staticmethod
    def show(attachment_id: str) -> Call[models.IncidentsAttachment]:
        """One attachment: what it is; the file itself is at its `url`"""
        return Call("GET", f"/api/v1/attachments/{path(attachment_id)}")

    @staticmethod
    def remove(attachment_id: str) -> Call[None]:
        """Delete an attachment for good, from older versions too; refused while a text has it"""
        return Call("DELETE", f"/api/v1/attachments/{path(attachment_id)}")


class drafts:
    """Drafts: what you have typed and not saved, seen by nobody else"""

    @staticmethod
    def index() -> Call[models.IncidentsDrafts]:
        """Your drafts, newest first"""
        return Call("GET", "/api/v1/drafts")

    @staticmethod
    def create(body: models.IncidentsEdit | Text) -> Call[models.IncidentsDraft]:
        """Keep a draft of an incident that is not there yet"""
        return Call("POST", "/api/v1/drafts", body=body)

    @staticmethod
    def show(name: str) -> Call[models.IncidentsDraft]:
        """One draft, by its id

        As Markdown only once nothing in it is half-filled: until then 409.
        """
        return Call("GET", f"/api/v1/drafts/{path(name)}")

    @staticmethod
    def replace(
        name: str, body: models.IncidentsEdit | Text, *, version: int | None = None
    ) -> Call[models.IncidentsDraft]:
        """Replace a draft, by its id; of an incident say which version it began from"""
        return Call("PUT", f"/api/v1/drafts/{path(name)}", query={"version": version}, body=body)

    @staticmethod
    def discard(name: str) -> Call[None]:
        """Discard a draft, by its id"""
        return Call("DELETE", f"/api/v1/drafts/{path(name)}")

    @staticmethod
    def show_of_incident(slug: str) -> Call[models.IncidentsDraft]:
        """Your newest draft of an incident: JSON, or Markdown where `Accept` prefers it

        It has no part in searches, exports and feeds, and nobody else sees it, admins included. As
        Markdown only once nothing in it is half-filled: until then 409, and JSON names the `problems`.
        """
        return Call("GET", f"/api/v1/incidents/{path(slug)}/draft")

    @staticmethod
    def keep_of_incident(
        slug: str, body: models.IncidentsEdit | Text, *, version: int | None = None
    ) -> Call[models.IncidentsDraft]:
        """Keep a draft of an incident, in place of your newest; say by `version` or If-Match where it
        began

        It makes no version of the incident and no event. It ends when you save the incident in the
        editor, and is removed 90 days after it was last touched, once your account is switched off,
        and where the incident is deleted or no longer shown to you. One author has at most 50 drafts.
        """
        return Call("PUT", f"/api/v1/incidents/{path(slug)}/draft", query={"version": version}, body=body)

    @staticmethod
    def discard_of_incident(slug: str) -> Call[None]:
        """Discard your drafts of an incident; none is no error"""
        return Call("DELETE", f"/api/v1/incidents/{path(slug)}/draft")


class presence:
    """Presence: who edits an incident at this moment"""

    @staticmethod
    def show(slug: str) -> Call[models.IncidentsPresence]:
        """Who else edits an incident, in which part, and its newest version"""
        return Call("GET", f"/api/v1/incidents/{path(slug)}/presence")

    @staticmethod
    def say(slug: str, body: models.IncidentsEditedPart) -> Call[models.IncidentsPresence]:
        """Say that you edit a part of an incident; you are shown for 20 seconds

        It makes no version and no event.
        """
        return Call("POST", f"/api/v1/incidents/{path(slug)}/presence", body=body)

    @staticmethod
    def leave(slug: str) -> Call[None]:
        """Say that you edit an incident no longer"""
        return Call("DELETE", f"/api/v1/incidents/{path(slug)}/presence")


class capture:
    """What is noted while an incident runs"""

    @staticmethod
    def note(
        slug: str, body: models.CaptureNote, *, idempotency_key: str | None = None
    ) -> Call[models.CaptureNoted]:
        """Append one entry to the timeline, at its time, without looking at what others edit meanwhile

        `-` as the slug is the newest draft that you began. The time is written as the timeline's other
        entries are; an incident without a timeline gets one. Noted before under the same key: 200 and
        the same entry.
        """
        return Call(
            "POST",
            f"/api/v1/incidents/{path(slug)}/entries",
            headers={"Idempotency-Key": idempotency_key},
            body=body,
            is_repeatable=True,
        )


class chat_buttons:
    """Buttons that people press in Slack and Mattermost."""

    @staticmethod
    def slack(body: str | bytes = "") -> Call[models.CaptureChatPress]:
        """Do what a button under a reminder in Slack says, as who pressed it; signed as commands are"""
        return Call(
            "POST", "/api/v1/chat/slack/presses", body=Text(body, "application/x-www-form-urlencoded")
        )

    @staticmethod
    def mattermost(body: dict[str, Any] | None = None) -> Call[models.CaptureChatPress]:
        """Do what a button under a reminder in Mattermost says; the value in its context is signed by us"""
        return Call("POST", "/api/v1/chat/mattermost/presses", body=body)


class restrictions:
    """Restricted incidents, for admins whom they do not name."""

    @staticmethod
    def list_restrictions(
        *, after: str | None = None, limit: int | None = None
    ) -> Listing[models.IncidentsRestrictionsOut, models.IncidentsRestrictionOut]:
        """That there are restricted incidents, the newest first, and who restricted them; never their
        titles
        """
        return Listing(
            "GET",
            "/api/v1/restrictions",
            query={"after": after, "limit": limit},
            rows="restrictions",
            cursor="after",
        )

    @staticmethod
    def break_it(incident_id: int, body: models.IncidentsReasonBody) -> Call[models.IncidentsBrokenOut]:
        """Break the glass: see a restricted incident for an hour. It is recorded, and those it names are
        told
        """
        return Call("POST", f"/api/v1/restrictions/{path(incident_id)}/glass", body=body)

    @staticmethod
    def end(incident_id: int) -> Call[None]:
        """Look into it no longer, before the hour is over"""
        return Call("DELETE", f"/api/v1/restrictions/{path(incident_id)}/glass")


class imports:
    """Imports: reports in, many at once"""

    @staticmethod
    def create(body: models.ExchangeAsked | list[File]) -> Call[models.ExchangeWholeRun]:
        """Import texts, files, zips or a git repository; with `dry_run`, only see what would come of them

        What is in already stays as it is, and one bad file never stops the others. The first files are
        worked on before the answer, the rest after it: ask again at Location while `waiting` is not 0.
        """
        return Call("POST", "/api/v1/imports", body=body)

    @staticmethod
    def index(
        *, after: str | None = None, limit: int | None = None
    ) -> Listing[models.ExchangeRuns, models.ExchangeRun]:
        """Your imports, newest first"""
        return Listing(
            "GET", "/api/v1/imports", query={"after": after, "limit": limit}, rows="imports", cursor="after"
        )

    @staticmethod
    def show(
        number: int,
        *,
        after: str | None = None,
        limit: int | None = None,
        result: Literal["", "new", "changed", "same", "conflict", "template", "failed"] | None = None,
    ) -> Listing[models.ExchangeWholeRun, models.ExchangeFile]:
        """One import: how far it has come, and what came of each file, page by page"""
        return Listing(
            "GET",
            f"/api/v1/imports/{path(number)}",
            query={"after": after, "limit": limit, "result": result},
            rows="reports",
            cursor="after",
        )

    @staticmethod
    def discard(number: int) -> Call[None]:
        """Drop an import with its reports; what it stored stays"""
        return Call("DELETE", f"/api/v1/imports/{path(number)}")

    @staticmethod
    def apply(number: int) -> Call[models.ExchangeWholeRun]:
        """Store what a dry run has read"""
        return Call("POST", f"/api/v1/imports/{path(number)}/apply")


class reviews:
    """What a person has to look at: two edits of the same lines"""

    @staticmethod
    def index(
        *, after: int | None = None, limit: int | None = None
    ) -> Listing[models.ReviewsReviews, models.ReviewsReview]:
        """Open reviews of all incidents, oldest first"""
        return Listing(
            "GET", "/api/v1/reviews", query={"after": after, "limit": limit}, rows="reviews", cursor="after"
        )

    @staticmethod
    def of_incident(
        slug: str, *, after: int | None = None, limit: int | None = None
    ) -> Listing[models.ReviewsReviews, models.ReviewsReview]:
        """The incident's reviews, open and closed"""
        return Listing(
            "GET",
            f"/api/v1/incidents/{path(slug)}/reviews",
            query={"after": after, "limit": limit},
            rows="reviews",
            cursor="after",
        )

    @staticmethod
    def show(slug: str, review_id: int) -> Call[models.ReviewsConflict]:
        """A review with both texts"""
        return Call("GET", f"/api/v1/incidents/{path(slug)}/reviews/{path(review_id)}")

    @staticmethod
    def answer(slug: str, review_id: int, body: models.ReviewsAnswer) -> Call[models.ReviewsConflict]:
        """Say what the incident is to say; the next sync writes it back"""
        return Call("POST", f"/api/v1/incidents/{path(slug)}/reviews/{path(review_id)}/answer", body=body)


class syncs:
    """Git repositories that incidents are synchronised with"""

    @staticmethod
    def index(
        *, after: int | None = None, limit: int | None = None
    ) -> Listing[models.ExchangeSyncs, models.ExchangeSync]:
        """Repositories, in the order in which they were added"""
        return Listing(
            "GET", "/api/v1/syncs", query={"after": after, "limit": limit}, rows="syncs", cursor="after"
        )

    @staticmethod
    def create(body: models.ExchangeSyncBody) -> Call[models.ExchangeSync]:
        """Synchronise a repository"""
        return Call("POST", "/api/v1/syncs", body=body)

    @staticmethod
    def show(remote_id: int) -> Call[models.ExchangeSync]:
        """One repository, and how its newest sync went"""
        return Call("GET", f"/api/v1/syncs/{path(remote_id)}")

    @staticmethod
    def change(remote_id: int, body: models.ExchangeSyncBody) -> Call[models.ExchangeSync]:
        """Say something else of a repository; its address and folder stay"""
        return Call("PUT", f"/api/v1/syncs/{path(remote_id)}", body=body)

    @staticmethod
    def remove(remote_id: int) -> Call[None]:
        """Keep it in step no more; files and incidents stay"""
        return Call("DELETE", f"/api/v1/syncs/{path(remote_id)}")

    @staticmethod
    def run(remote_id: int) -> Call[models.ExchangeSync]:
        """Let the worker sync it as soon as it can"""
        return Call("POST", f"/api/v1/syncs/{path(remote_id)}/runs")


class action_items:
    """Action items of all incidents as work: filter, assign, close"""

    @staticmethod
    def index(
        *,
        status: str | None = None,
        kind: str | None = None,
        owner: str | None = None,
        service: str | None = None,
        incident: str | None = None,
        due_from: str | None = None,
        due_before: str | None = None,
        opened_from: str | None = None,
        opened_before: str | None = None,
        closed_from: str | None = None,
        closed_before: str | None = None,
        protection: str | None = None,
        priority: str | None = None,
        severity: str | None = None,
        team: str | None = None,
        tag: str | None = None,
        age: int | None = None,
        overdue: bool | None = None,
        unowned: bool | None = None,
        unproven: bool | None = None,
        reopened: bool | None = None,
        undated: bool | None = None,
        done: Literal["", "in_time", "late"] | None = None,
        ticket: str | None = None,
        q: str | None = None,
        sort: Literal[
            "",
            "due",
            "priority",
            "status",
            "protection",
            "kind",
            "age",
            "owner",
            "incident",
            "id",
            "text",
            "team",
            "-due",
            "-priority",
            "-status",
            "-protection",
            "-kind",
            "-age",
            "-owner",
            "-incident",
            "-id",
            "-text",
            "-team",
        ]
        | None = None,
        after: str | None = None,
        limit: int | None = None,
        format: Literal["", "json", "csv", "ical"] | None = None,
        bom: bool | None = None,
        restricted: bool | None = None,
    ) -> Listing[models.FollowupList, models.FollowupItem]:
        """Action items by due date or as `sort` says: JSON, CSV or iCalendar, by Accept or `format`"""
        return Listing(
            "GET",
            "/api/v1/action-items",
            query={
                "status": status,
                "kind": kind,
                "owner": owner,
                "service": service,
                "incident": incident,
                "due_from": due_from,
                "due_before": due_before,
                "opened_from": opened_from,
                "opened_before": opened_before,
                "closed_from": closed_from,
                "closed_before": closed_before,
                "protection": protection,
                "priority": priority,
                "severity": severity,
                "team": team,
                "tag": tag,
                "age": age,
                "overdue": overdue,
                "unowned": unowned,
                "unproven": unproven,
                "reopened": reopened,
                "undated": undated,
                "done": done,
                "ticket": ticket,
                "q": q,
                "sort": sort,
                "after": after,
                "limit": limit,
                "format": format,
                "bom": bom,
                "restricted": restricted,
            },
            rows="action_items",
            cursor="after",
        )

    @staticmethod
    def show(ref: str) -> Call[models.FollowupItem]:
        """One action item; its ETag is sent with an edit as If-Match, so that nobody else's is lost"""
        return Call("GET", f"/api/v1/action-items/{path(ref)}")

    @staticmethod
    def edit(ref: str, body: models.FollowupEdit) -> Call[models.FollowupItem]:
        """Change an action item; its incident gets a new version

        An enforceable item can be marked done only when it is proven or enforced, an attestable or not
        guardable one by somebody other than its owner. An admin may close any with a `reason`, and it
        shows. `wont_do` needs one always.
        """
        return Call("PATCH", f"/api/v1/action-items/{path(ref)}", body=body)

    @staticmethod
    def show_history(
        ref: str, *, after: str | None = None, limit: int | None = None
    ) -> Listing[models.FollowupItemHistory, models.FollowupItemAct]:
        """What happened to the item, the newest first: who, when, and each field's old and new value"""
        return Listing(
            "GET",
            f"/api/v1/action-items/{path(ref)}/history",
            query={"after": after, "limit": limit},
            rows="history",
            cursor="after",
        )

    @staticmethod
    def list_comments(
        ref: str, *, after: int | None = None, limit: int | None = None
    ) -> Listing[models.IncidentsComments, models.IncidentsComment]:
        """The comments on the item, oldest first; its incident has the same ones, as comments on this
        part
        """
        return Listing(
            "GET",
            f"/api/v1/action-items/{path(ref)}/comments",
            query={"after": after, "limit": limit},
            rows="comments",
            cursor="after",
        )

    @staticmethod
    def add_comment(ref: str, body: models.IncidentsNewCommentPart) -> Call[models.IncidentsComment]:
        """Comment on the item, or answer a comment on it; suggest other words for it

        It is edited, resolved and deleted as a comment of the item's incident.
        """
        return Call("POST", f"/api/v1/action-items/{path(ref)}/comments", body=body)

    @staticmethod
    def accept(ref: str, body: models.FollowupItemAccept | None = None) -> Call[models.FollowupItem]:
        """Commit to an item that was proposed: it is open, with the owner and date that you give it"""
        return Call("POST", f"/api/v1/action-items/{path(ref)}/accept", body=body)

    @staticmethod
    def confirm(ref: str, body: models.FollowupItemConfirm | None = None) -> Call[models.FollowupItem]:
        """Say that an attestable or not guardable item of somebody else is done; reviewers may, too"""
        return Call("POST", f"/api/v1/action-items/{path(ref)}/confirm", body=body)

    @staticmethod
    def decline(ref: str, body: models.FollowupItemDecline) -> Call[models.FollowupItem]:
        """Say why an item that was proposed will not be done; it is `wont_do`, by you"""
        return Call("POST", f"/api/v1/action-items/{path(ref)}/decline", body=body)

    @staticmethod
    def merge(ref: str, body: models.FollowupItemMerge) -> Call[models.FollowupItem]:
        """Let another item stand for this one, which is `wont_do` then and keeps a link to it

        The other one gets its guards and tickets; its comments stay with it.
        """
        return Call("POST", f"/api/v1/action-items/{path(ref)}/merge", body=body)

    @staticmethod
    def undo_merge(ref: str) -> Call[models.FollowupItem]:
        """Take a merge back: the item is what it was, and the other one loses what it got by it"""
        return Call("DELETE", f"/api/v1/action-items/{path(ref)}/merge")

    @staticmethod
    def show_links(ref: str) -> Call[models.FollowupItemLinks]:
        """What the item waits for, what waits for it, and what it was merged with"""
        return Call("GET", f"/api/v1/action-items/{path(ref)}/links")

    @staticmethod
    def add_blocker(ref: str, blocker: str) -> Call[models.FollowupItemLinks]:
        """Say that the item waits for another one, of any incident; a circle is refused

        An item that is done, or will not be, holds nobody up any more.
        """
        return Call("PUT", f"/api/v1/action-items/{path(ref)}/blocked-by/{path(blocker)}")

    @staticmethod
    def remove_blocker(ref: str, blocker: str) -> Call[models.FollowupItemLinks]:
        """Say that the item waits for the other one no longer"""
        return Call("DELETE", f"/api/v1/action-items/{path(ref)}/blocked-by/{path(blocker)}")


class guards:
    """What is deployed where, the guards over it, and what they judge."""

    @staticmethod
    def list_services(
        *, after: str | None = None, limit: int | None = None
    ) -> Listing[models.GuardsServicesOut, models.GuardsServiceOut]:
        """Services by name, registered ones with their targets in promotion order, and those incidents
        name.
        """
        return Listing(
            "GET", "/api/v1/services", query={"after": after, "limit": limit}, rows="services", cursor="after"
        )

    @staticmethod
    def add_service(body: models.GuardsServiceBody) -> Call[models.GuardsServiceOut]:
        """Add a service with its targets; one that incidents name is registered by it."""
        return Call("POST", "/api/v1/services", body=body)

    @staticmethod
    def show_service(name: str) -> Call[models.GuardsServiceOut]:
        """One service with its targets, registered or named by incidents."""
        return Call("GET", f"/api/v1/services/{path(name)}")

    @staticmethod
    def edit_service(name: str, body: models.GuardsServiceEditBodyPart) -> Call[models.GuardsServiceOut]:
        """Give a service this title and these targets; one that guards cover cannot go."""
        return Call("PUT", f"/api/v1/services/{path(name)}", body=body)

    @staticmethod
    def remove_service(name: str) -> Call[None]:
        """Remove a service that no guard covers, with its evidence."""
        return Call("DELETE", f"/api/v1/services/{path(name)}")

    @staticmethod
    def list_kinds() -> Call[models.GuardsKindsOut]:
        """The kinds of guards, each with the JSON Schema of its configuration."""
        return Call("GET", "/api/v1/guard-kinds")

    @staticmethod
    def list_guards(
        *,
        after: str | None = None,
        limit: int | None = None,
        service: str | None = None,
        target: str | None = None,
        kind: str | None = None,
        level: Literal["", "shadow", "advisory", "soft", "hard"] | None = None,
        is_enabled: bool | None = None,
        q: str | None = None,
    ) -> Listing[models.GuardsGuardsOut, models.GuardsGuardOut]:
        """Guards by slug, with why each exists and its newest verdict."""
        return Listing(
            "GET",
            "/api/v1/guards",
            query={
                "after": after,
                "limit": limit,
                "service": service,
                "target": target,
                "kind": kind,
                "level": level,
                "is_enabled": is_enabled,
                "q": q,
            },
            rows="guards",
            cursor="after",
        )

    @staticmethod
    def add_guard(body: models.GuardsGuardBody) -> Call[models.GuardsGuardOut]:
        """Make a guard. It starts at shadow; soft and hard need a drill that proves it."""
        return Call("POST", "/api/v1/guards", body=body)

    @staticmethod
    def show_guard(slug: str) -> Call[models.GuardsGuardOut]:
        """One guard; its ETag is the revision to send with an edit."""
        return Call("GET", f"/api/v1/guards/{path(slug)}")

    @staticmethod
    def edit_guard(slug: str, body: models.GuardsGuardEditBodyPartial) -> Call[models.GuardsGuardOut]:
        """Change what is sent; it names the revision that was read, as `revision` or as If-Match."""
        return Call("PATCH", f"/api/v1/guards/{path(slug)}", body=body)

    @staticmethod
    def remove_guard(slug: str) -> Call[None]:
        """Remove a guard. Items that were proven by it slide back, and done ones re-open."""
        return Call("DELETE", f"/api/v1/guards/{path(slug)}")

    @staticmethod
    def show_last_look(slug: str) -> Call[models.GuardsLookOut]:
        """Whom a guard asked last, which of the operator's rules allowed it, and why it saw nothing if it
        did.
        """
        return Call("GET", f"/api/v1/guards/{path(slug)}/last-look")

    @staticmethod
    def list_evaluations(
        slug: str, *, after: str | None = None, limit: int | None = None
    ) -> Listing[models.GuardsEvaluationsOut, models.GuardsEvaluationOut]:
        """The guard's verdicts, newest first."""
        return Listing(
            "GET",
            f"/api/v1/guards/{path(slug)}/evaluations",
            query={"after": after, "limit": limit},
            rows="evaluations",
            cursor="after",
        )

    @staticmethod
    def test_guard(slug: str, body: models.GuardsTrialBody) -> Call[models.GuardsEvaluationOut]:
        """Test the guard now: it looks, is judged, and the verdict is kept. Nothing is decided by it."""
        return Call("POST", f"/api/v1/guards/{path(slug)}/evaluations", body=body)


class evidence:
    """What pipelines and people saw, for guards to judge."""

    @staticmethod
    def add_attestation(body: models.GuardsAttestationBody) -> Call[models.GuardsEvidenceOut]:
        """Vouch for an artifact, as seen on a target."""
        return Call("POST", "/api/v1/evidence/attestations", body=body)

    @staticmethod
    def add_statement(
        body: models.GuardsStatementBody,
        *,
        service: str | None = None,
        target: str | None = None,
        predicate: str | None = None,
        observed_at: str | None = None,
    ) -> Call[models.GuardsStatementOut]:
        """The same as an in-toto statement: a test result, or a verification summary (SLSA)."""
        return Call(
            "POST",
            "/api/v1/evidence/statements",
            query={"service": service, "target": target, "predicate": predicate, "observed_at": observed_at},
            body=body,
        )

    @staticmethod
    def add_deploy(body: models.GuardsDeployBody) -> Call[models.GuardsEvidenceOut]:
        """Say that a deploy began or ended. They may come late, twice and in any order."""
        return Call("POST", "/api/v1/evidence/deploys", body=body)

    @staticmethod
    def add_facts(body: models.GuardsFactsBody) -> Call[models.GuardsEvidenceOut]:
        """Say what holds on a target's environment, such as its Kubernetes version."""
        return Call("POST", "/api/v1/evidence/facts", body=body)

    @staticmethod
    def add_resolution(body: models.GuardsResolutionBody) -> Call[models.GuardsEvidenceOut]:
        """Say, as a person, that the trouble after the failed deploys on a target is over."""
        return Call("POST", "/api/v1/evidence/resolutions", body=body)


class commands:
    """What pipelines run for guards, and how it ended."""

    @staticmethod
    def list_commands(*, target: str | None = None) -> Call[models.GuardsCommandsOut]:
        """What the guards over a target want to have run there."""
        return Call("GET", "/api/v1/commands", query={"target": target})

    @staticmethod
    def add_run(body: models.GuardsCommandBody) -> Call[models.GuardsEvidenceOut]:
        """Say how a command ended. One whose definition has changed meanwhile is refused."""
        return Call("POST", "/api/v1/evidence/commands", body=body)


class heartbeats:
    """Jobs say that they ran, for guards of the kind heartbeat."""

    @staticmethod
    def succeed(
        key: str, body: str | bytes = "", *, rid: str | None = None
    ) -> Call[models.GuardsReceivedOut]:
        """The job has ended well."""
        return Call(
            "POST", f"/api/v1/heartbeats/{path(key)}", query={"rid": rid}, body=Text(body, "text/plain")
        )

    @staticmethod
    def start(key: str, body: str | bytes = "", *, rid: str | None = None) -> Call[models.GuardsReceivedOut]:
        """The job begins."""
        return Call(
            "POST", f"/api/v1/heartbeats/{path(key)}/start", query={"rid": rid}, body=Text(body, "text/plain")
        )

    @staticmethod
    def fail(key: str, body: str | bytes = "", *, rid: str | None = None) -> Call[models.GuardsReceivedOut]:
        """The job has failed."""
        return Call(
            "POST", f"/api/v1/heartbeats/{path(key)}/fail", query={"rid": rid}, body=Text(body, "text/plain")
        )

    @staticmethod
    def end(
        key: str, exit_status: int, body: str | bytes = "", *, rid: str | None = None
    ) -> Call[models.GuardsReceivedOut]:
        """The job has ended with this exit status; 0 is success."""
        return Call(
            "POST",
            f"/api/v1/heartbeats/{path(key)}/{path(exit_status)}",
            query={"rid": rid},
            body=Text(body, "text/plain"),
        )

    @staticmethod
    def make_key(slug: str) -> Call[models.GuardsKeyOut]:
        """A new key for the job that the guard waits for; an older one stops working."""
        return Call("POST", f"/api/v1/guards/{path(slug)}/heartbeat-key")

    @staticmethod
    def list_pings(
        slug: str, *, after: int | None = None, limit: int | None = None
    ) -> Listing[models.GuardsPingsOut, models.GuardsPingOut]:
        """What the job said of itself, newest first."""
        return Listing(
            "GET",
            f"/api/v1/guards/{path(slug)}/pings",
            query={"after": after, "limit": limit},
            rows="pings",
            cursor="after",
        )


class signing:
    """What only people can say: sign-offs, and that they know a policy."""

    @staticmethod
    def list_signoffs() -> Call[models.GuardsSignoffsOut]:
        """The sign-offs that decisions of the last day wait for, the newest 50."""
        return Call("GET", "/api/v1/signoffs")

    @staticmethod
    def add_signoff(body: models.GuardsSignoffBody) -> Call[models.GuardsEvidenceOut]:
        """Approve or reject an artifact for a target, in your own name."""
        return Call("POST", "/api/v1/evidence/signoffs", body=body)

    @staticmethod
    def list_policies(
        *, after: str | None = None, limit: int | None = None
    ) -> Listing[models.GuardsPoliciesOut, models.GuardsPolicyOut]:
        """Policies by slug, each with its newest version."""
        return Listing(
            "GET", "/api/v1/policies", query={"after": after, "limit": limit}, rows="policies", cursor="after"
        )

    @staticmethod
    def show_policy(slug: str) -> Call[models.GuardsPolicyOut]:
        """One policy with its newest version."""
        return Call("GET", f"/api/v1/policies/{path(slug)}")

    @staticmethod
    def publish_policy(slug: str, body: models.GuardsPolicyEditBodyPart) -> Call[models.GuardsPolicyOut]:
        """Publish a policy's next version, its first where there is none."""
        return Call("PUT", f"/api/v1/policies/{path(slug)}", body=body)

    @staticmethod
    def acknowledge_policy(
        slug: str, body: models.GuardsAcknowledgementBody
    ) -> Call[models.GuardsAcknowledgementOut]:
        """Say, in your own name, that you have read this version, which has to be the newest."""
        return Call("POST", f"/api/v1/policies/{path(slug)}/acknowledgements", body=body)


class gate:
    """May I deploy this artifact to this target now?"""

    @staticmethod
    def ask(body: models.GateAskShape, *, idempotency_key: str | None = None) -> Call[models.GateAnswerOut]:
        """May I deploy? The answer has every guard's reasons, the failing ones first."""
        return Call(
            "POST",
            "/api/v1/gate/decisions",
            headers={"Idempotency-Key": idempotency_key},
            body=body,
            is_repeatable=True,
        )

    @staticmethod
    def list_decisions(
        *,
        after: str | None = None,
        limit: int | None = None,
        service: str | None = None,
        target: str | None = None,
        decision: Literal["", "allow", "allow_with_warnings", "wait", "block"] | None = None,
        is_dry_run: bool | None = None,
        artifact: str | None = None,
        guard: str | None = None,
        since: str | None = None,
        until: str | None = None,
    ) -> Listing[models.GateDecisionsOut, models.GateDecisionOut]:
        """Decisions, newest first."""
        return Listing(
            "GET",
            "/api/v1/gate/decisions",
            query={
                "after": after,
                "limit": limit,
                "service": service,
                "target": target,
                "decision": decision,
                "is_dry_run": is_dry_run,
                "artifact": artifact,
                "guard": guard,
                "since": since,
                "until": until,
            },
            rows="decisions",
            cursor="after",
        )

    @staticmethod
    def show_decision(decision_id: str) -> Call[models.GateAnswerOut]:
        """One decision, as it was answered; one that waits is judged once more, and is 202 meanwhile

        A guard that only watches and was judged after the answer says in `later` what it found.
        """
        return Call("GET", f"/api/v1/gate/decisions/{path(decision_id)}")

    @staticmethod
    def show_keys() -> Call[models.GateKeysOut]:
        """The keys by which the `signature` of an answer is checked, as a JSON Web Key Set."""
        return Call("GET", "/api/v1/gate/keys")

    @staticmethod
    def verify_decision(decision_id: str, body: models.GateVerifyShape) -> Call[models.GateVerifiedOut]:
        """Whether the decision still lets this artifact go to this target: both have to be named."""
        return Call("POST", f"/api/v1/gate/decisions/{path(decision_id)}/verify", body=body)


class scenarios:
    """Recorded deploys: would we have stopped that?"""

    @staticmethod
    def list_scenarios(
        *, incident: str | None = None, after: int | None = None, limit: int | None = None
    ) -> Listing[models.GateScenariosOut, models.GateScenarioOut]:
        """Recorded deploys, each with its newest drill."""
        return Listing(
            "GET",
            "/api/v1/scenarios",
            query={"incident": incident, "after": after, "limit": limit},
            rows="scenarios",
            cursor="after",
        )

    @staticmethod
    def add_scenario(body: models.GateScenarioShape) -> Call[models.GateScenarioOut]:
        """Record a deploy of an incident, bad or good; it is drilled at once."""
        return Call("POST", "/api/v1/scenarios", body=body)

    @staticmethod
    def show_scenario(scenario_id: int) -> Call[models.GateScenarioOut]:
        """One scenario with its facts and its newest drill; its ETag is the revision to send with an
        edit.
        """
        return Call("GET", f"/api/v1/scenarios/{path(scenario_id)}")

    @staticmethod
    def edit_scenario(
        scenario_id: int, body: models.GateScenarioEditShapePartial
    ) -> Call[models.GateScenarioOut]:
        """Change what is sent; the scenario is drilled anew. A stale revision is refused with both texts."""
        return Call("PATCH", f"/api/v1/scenarios/{path(scenario_id)}", body=body)

    @staticmethod
    def remove_scenario(scenario_id: int) -> Call[None]:
        """Remove a scenario with its drills; what they proved is proven no longer."""
        return Call("DELETE", f"/api/v1/scenarios/{path(scenario_id)}")

    @staticmethod
    def drill_scenario(scenario_id: int) -> Call[models.GateDrillOut]:
        """Run today's guards against the recorded deploy."""
        return Call("POST", f"/api/v1/scenarios/{path(scenario_id)}/drill")

    @staticmethod
    def drill_live(scenario_id: int) -> Call[models.GateLiveDrillOut]:
        """Ask the gate itself for the bad deploy, as a drill

        Today's guards judge it as they stand, and look where they look. The answer lets nothing
        through and counts as no decision. A pipeline that sends the scenario's request to
        `gate/decisions` with `drill` tries its own way there, too.
        """
        return Call("POST", f"/api/v1/scenarios/{path(scenario_id)}/live-drills")

    @staticmethod
    def list_live_drills(scenario_id: int) -> Call[models.GateLiveDrillsOut]:
        """What the gate itself said when this scenario was drilled live, newest first"""
        return Call("GET", f"/api/v1/scenarios/{path(scenario_id)}/live-drills")


class guarding:
    """Services, guards and scenarios as text, the same as in files."""

    @staticmethod
    def show(
        *,
        part: Literal["", "services", "guards", "scenarios"] | None = None,
        incident: str | None = None,
        restricted: bool | None = None,
    ) -> Call[None]:
        """All of it as one YAML list, which the same address and `guards import` take"""
        return Call(
            "GET", "/api/v1/guarding", query={"part": part, "incident": incident, "restricted": restricted}
        )

    @staticmethod
    def bring(body: str | bytes, *, dry_run: bool | None = None) -> Call[models.GateBroughtOut]:
        """Make or change what a YAML text holds: all of it, or on any error nothing

        The same again changes nothing. Services take an admin. A guard gets to soft or hard once a
        drill proves it; else a note says why it did not. Tags, anchors and keys that come twice are
        refused with their line.
        """
        return Call(
            "POST", "/api/v1/guarding", query={"dry_run": dry_run}, body=Text(body, "application/yaml")
        )


class overrides:
    """Let a deploy past named guards once, or a guard fail for a while: dated, with a reason."""

    @staticmethod
    def request_override(decision_id: str, body: models.GateOverrideShape) -> Call[models.GateOverrideOut]:
        """Ask for named guards of a decision to be passed over once; a signed-in person has to grant it."""
        return Call("POST", f"/api/v1/gate/decisions/{path(decision_id)}/overrides", body=body)

    @staticmethod
    def list_overrides_of(decision_id: str) -> Call[models.GateOverridesOut]:
        """What was asked for after one decision, newest first."""
        return Call("GET", f"/api/v1/gate/decisions/{path(decision_id)}/overrides")

    @staticmethod
    def list_overrides(
        *,
        after: str | None = None,
        limit: int | None = None,
        state: Literal["", "requested", "granted", "refused"] | None = None,
    ) -> Listing[models.GateOverridesOut, models.GateOverrideOut]:
        """Overrides, newest first."""
        return Listing(
            "GET",
            "/api/v1/gate/overrides",
            query={"after": after, "limit": limit, "state": state},
            rows="overrides",
            cursor="after",
        )

    @staticmethod
    def show_override(override_id: int) -> Call[models.GateOverrideOut]:
        """One override."""
        return Call("GET", f"/api/v1/gate/overrides/{path(override_id)}")

    @staticmethod
    def grant_override(override_id: int) -> Call[models.GateOverrideOut]:
        """Let the guards be passed over. The same request, asked again, is answered with them waived."""
        return Call("POST", f"/api/v1/gate/overrides/{path(override_id)}/grant")

    @staticmethod
    def refuse_override(override_id: int) -> Call[models.GateOverrideOut]:
        """Say no."""
        return Call("POST", f"/api/v1/gate/overrides/{path(override_id)}/refuse")

    @staticmethod
    def list_waivers(
        *, after: str | None = None, limit: int | None = None, all: bool | None = None
    ) -> Listing[models.GateWaiversOut, models.GateWaiverOut]:
        """Waivers and pauses that count, newest first."""
        return Listing(
            "GET",
            "/api/v1/gate/waivers",
            query={"after": after, "limit": limit, "all": all},
            rows="waivers",
            cursor="after",
        )

    @staticmethod
    def add_waiver(body: models.GateWaiverShape) -> Call[models.GateWaiverOut]:
        """Let a guard fail until an instant, or leave it or a target's probes aside until then.

        What lets deploys past a guard counts when another admin has granted it, where there is one.
        """
        return Call("POST", "/api/v1/gate/waivers", body=body)

    @staticmethod
    def grant_waiver(waiver_id: int) -> Call[models.GateWaiverOut]:
        """Let a waiver or a pause that another admin made count from now on."""
        return Call("POST", f"/api/v1/gate/waivers/{path(waiver_id)}/grant")

    @staticmethod
    def end_waiver(waiver_id: int) -> Call[models.GateWaiverOut]:
        """End a waiver or a pause now."""
        return Call("POST", f"/api/v1/gate/waivers/{path(waiver_id)}/end")


class findings:
    """Deploys that no decision let pass, and errors that let one pass."""

    @staticmethod
    def list_findings(
        *,
        after: str | None = None,
        limit: int | None = None,
        state: Literal["open", "settled"] | None = None,
        target: str | None = None,
    ) -> Listing[models.GateFindingsOut, models.GateFindingOut]:
        """Findings, newest first: the open ones, or those that are settled."""
        return Listing(
            "GET",
            "/api/v1/gate/findings",
            query={"after": after, "limit": limit, "state": state, "target": target},
            rows="findings",
            cursor="after",
        )

    @staticmethod
    def settle_finding(finding_id: int, body: models.GateSettleBody) -> Call[models.GateFindingOut]:
        """Say what was done about a finding: from then on it speaks against no item."""
        return Call("POST", f"/api/v1/gate/findings/{path(finding_id)}/settle", body=body)


class blocks:
    """Whether blocks stopped a real problem, and how a guard itself can fail."""

    @staticmethod
    def confirm_block(decision_id: str, body: models.GateConfirmBody) -> Call[models.GateConfirmationsOut]:
        """Say whether a block stopped a real problem; the last word counts."""
        return Call("POST", f"/api/v1/gate/decisions/{path(decision_id)}/confirmations", body=body)

    @staticmethod
    def list_confirmations(decision_id: str) -> Call[models.GateConfirmationsOut]:
        """What people said of a block, by guard."""
        return Call("GET", f"/api/v1/gate/decisions/{path(decision_id)}/confirmations")

    @staticmethod
    def show_blocks(slug: str) -> Call[models.GateBlocksOut]:
        """How often a guard blocked in the last 90 days, and how often rightly, with the definitions."""
        return Call("GET", f"/api/v1/guards/{path(slug)}/blocks")

    @staticmethod
    def show_fail_modes(slug: str) -> Call[models.GateFailModesOut]:
        """What happens if the guard cannot be evaluated, or the network, the gate or the clock is wrong."""
        return Call("GET", f"/api/v1/guards/{path(slug)}/fail-modes")


class coverage:
    """Which incidents today's guards would stop, and which could come."""

    @staticmethod
    def suggest_guards(slug: str) -> Call[models.GateSuggestionsOut]:
        """Guards that would answer the incident's causes, as they can be posted to `/guards`."""
        return Call("GET", f"/api/v1/incidents/{path(slug)}/suggestions")

    @staticmethod
    def show_coverage(
        *,
        target: str | None = None,
        coverage: Literal["", "strong", "thin", "detected", "uncovered", "unguardable"] | None = None,
        after: str | None = None,
        limit: int | None = None,
        format: Literal["", "json", "csv", "markdown", "pdf"] | None = None,
        bom: bool | None = None,
    ) -> Listing[models.GateCoverageOut, models.GateCoveredOut]:
        """Incidents with their classes: a page as JSON, or all as Markdown, CSV or PDF, by Accept or
        `format`
        """
        return Listing(
            "GET",
            "/api/v1/coverage",
            query={
                "target": target,
                "coverage": coverage,
                "after": after,
                "limit": limit,
                "format": format,
                "bom": bom,
            },
            rows="incidents",
            cursor="after",
        )


class reports:
    """Figures over all incidents, each with its definition and the rows behind it"""

    @staticmethod
    def process_fixes(
        *,
        service: str | None = None,
        after: str | None = None,
        limit: int | None = None,
        group: Literal["none", "service", "owner", "incident", "age"] | None = None,
        format: Literal["", "json", "csv", "markdown", "pdf"] | None = None,
        bom: bool | None = None,
    ) -> Listing[models.ReportsReport, models.ReportsFix]:
        """Open process fixes by service, owner and age: JSON, Markdown, CSV or PDF, by Accept or `format`"""
        return Listing(
            "GET",
            "/api/v1/reports/process-fixes",
            query={
                "service": service,
                "after": after,
                "limit": limit,
                "group": group,
                "format": format,
                "bom": bom,
            },
            rows="items",
            cursor="after",
        )


class report_catalog:
    """Reports: figures and a table, each with its definition and rows"""

    @staticmethod
    def show(
        name: str,
        *,
        service: str | None = None,
        team: str | None = None,
        severity: str | None = None,
        format: Literal["", "json", "csv", "markdown", "pdf"] | None = None,
        bom: bool | None = None,
        from_: str | None = None,
        to: str | None = None,
    ) -> Call[models.ReportsCatalogReportOut]:
        """A report by its name: JSON, CSV, Markdown or PDF, by Accept or `format`"""
        return Call(
            "GET",
            f"/api/v1/reports/{path(name)}",
            query={
                "service": service,
                "team": team,
                "severity": severity,
                "format": format,
                "bom": bom,
                "from": from_,
                "to": to,
            },
        )


class service_catalog:
    """Services as catalogues of software read them"""

    @staticmethod
    def show(service: str, *, limit: int | None = None) -> Call[models.ReportsEntity]:
        """A service as an entity of Backstage's catalogue, with its newest incidents and open action
        items

        A catalogue shows it to all its readers, so it is the same whoever asks: without drafts and
        restricted incidents.
        """
        return Call("GET", f"/api/v1/catalog/{path(service)}", query={"limit": limit})


class report_months:
    """Reports of months: each on one page, kept as it was"""

    @staticmethod
    def show(
        *,
        service: str | None = None,
        team: str | None = None,
        severity: str | None = None,
        format: Literal["", "json", "csv", "markdown", "pdf"] | None = None,
        bom: bool | None = None,
        month: str | None = None,
    ) -> Call[models.ReportsMonthlyReportOut]:
        """The report of a month: JSON, CSV, Markdown or PDF, by Accept or `format`"""
        return Call(
            "GET",
            "/api/v1/reports/monthly",
            query={
                "service": service,
                "team": team,
                "severity": severity,
                "format": format,
                "bom": bom,
                "month": month,
            },
        )

    @staticmethod
    def months() -> Call[models.ReportsKeptMonthsOut]:
        """The months whose reports are kept"""
        return Call("GET", "/api/v1/reports/monthly/months")


class report_mail:
    """Reports of months, mailed"""

    @staticmethod
    def send(month: str, body: models.NotifyReportMailBody) -> Call[models.NotifyMailedReport]:
        """Have the report of a month that is over mailed"""
        return Call("POST", f"/api/v1/reports/monthly/{path(month)}/mail", body=body)


class people:
    """Who may come in: the CI jobs that are known by their signed identity."""

    @staticmethod
    def list_identities() -> Call[models.PeopleCiIdentitiesOut]:
        """The CI jobs that are known, by name."""
        return Call("GET", "/api/v1/ci-identities")

    @staticmethod
    def add_identity(body: models.PeopleCiIdentityBody) -> Call[models.PeopleCiIdentityOut]:
        """Let jobs in whose signed identity has exactly these claims."""
        return Call("POST", "/api/v1/ci-identities", body=body)

    @staticmethod
    def remove_identity(name: str) -> Call[None]:
        """Let such jobs in no longer."""
        return Call("DELETE", f"/api/v1/ci-identities/{path(name)}")


class audit:
    """The audit log: who did what, to what, when and from where; for admins."""

    @staticmethod
    def list_events(
        *,
        actor: str | None = None,
        verb: str | None = None,
        subject: str | None = None,
        since: str | None = None,
        until: str | None = None,
        q: str | None = None,
        before: int | None = None,
        limit: int | None = None,
    ) -> Listing[models.AuditEventsOut, models.AuditEventOut]:
        """What was done, newest first"""
        return Listing(
            "GET",
            "/api/v1/audit",
            query={
                "actor": actor,
                "verb": verb,
                "subject": subject,
                "since": since,
                "until": until,
                "q": q,
                "before": before,
                "limit": limit,
            },
            rows="events",
            cursor="before",
        )


class programs:
    """Service accounts: of pipelines and scripts, with who answers for each"""

    @staticmethod
    def index(
        *, after: str | None = None
    ) -> Listing[models.PeopleServiceAccounts, models.PeopleServiceAccount]:
        """Service accounts by name."""
        return Listing(
            "GET", "/api/v1/service-accounts", query={"after": after}, rows="service_accounts", cursor="after"
        )

    @staticmethod
    def create(body: models.PeopleServiceAccountBody) -> Call[models.PeopleServiceAccount]:
        """Open a service account. Its tokens are made by an admin who is signed in, or by the command
        line.
        """
        return Call("POST", "/api/v1/service-accounts", body=body)

    @staticmethod
    def change(name: str, body: models.PeopleServiceAccountEdit) -> Call[models.PeopleServiceAccount]:
        """Change what is named; `is_active: false` switches it off and revokes its tokens."""
        return Call("PATCH", f"/api/v1/service-accounts/{path(name)}", body=body)


class teams:
    """Teams: people with their leads, and whom the names in reports mean"""

    @staticmethod
    def index(*, after: str | None = None) -> Listing[models.PeopleTeams, models.PeopleTeam]:
        """Teams by id with their members"""
        return Listing("GET", "/api/v1/teams", query={"after": after}, rows="teams", cursor="after")

    @staticmethod
    def create(body: models.PeopleTeamCreate) -> Call[models.PeopleTeam]:
        """Make a team"""
        return Call("POST", "/api/v1/teams", body=body)

    @staticmethod
    def show(slug: str) -> Call[models.PeopleTeam]:
        """One team"""
        return Call("GET", f"/api/v1/teams/{path(slug)}")

    @staticmethod
    def change(slug: str, body: models.PeopleTeamEdit) -> Call[models.PeopleTeam]:
        """Give a team another name or other members; send `version` or If-Match, so that nobody's edit is
        lost
        """
        return Call("PUT", f"/api/v1/teams/{path(slug)}", body=body)

    @staticmethod
    def delete(slug: str) -> Call[None]:
        """Delete a team; its services and items stay, without a team"""
        return Call("DELETE", f"/api/v1/teams/{path(slug)}")

    @staticmethod
    def owner_names(*, after: str | None = None) -> Listing[models.PeopleOwnerNames, models.PeopleOwnerName]:
        """Names in reports that somebody said the meaning of"""
        return Listing(
            "GET", "/api/v1/owner-names", query={"after": after}, rows="owner_names", cursor="after"
        )

    @staticmethod
    def name_owner(body: models.PeopleOwnerNameBody) -> Call[models.PeopleOwnerName]:
        """Say which account or team a name means, wherever a report has it"""
        return Call("PUT", "/api/v1/owner-names", body=body)

    @staticmethod
    def forget_owner(body: models.PeopleForgottenName) -> Call[None]:
        """Let a name mean nobody again"""
        return Call("POST", "/api/v1/owner-names/forget", body=body)


class bulk_edits:
    """Edits of many action items at once: plan, watch, undo"""

    @staticmethod
    def create(body: models.FollowupBulkBody) -> Call[models.FollowupBulkEdit]:
        """Set fields of many items, or with `dry_run` say what that would change

        Each item is held to the rules that hold for an edit of one: rows that they refuse say why, and
        the others are edited. Each incident is saved once for all of its items that are edited
        together. More than 500 items are edited in the background, of long incidents fewer: then
        `state` is `running`, rows are `waiting`, and `GET` tells how far it is. A dry run shows the
        first 500 rows.
        """
        return Call("POST", "/api/v1/action-items/bulk", body=body)

    @staticmethod
    def show(
        number: int,
        *,
        after: int | None = None,
        limit: int | None = None,
        state: Literal["", "waiting", "done", "same", "refused", "conflict", "undone", "kept"] | None = None,
    ) -> Listing[models.FollowupBulkEdit, models.FollowupBulkRow]:
        """How far a bulk edit of yours is, and what came of each item; an admin sees anybody's"""
        return Listing(
            "GET",
            f"/api/v1/action-items/bulk/{path(number)}",
            query={"after": after, "limit": limit, "state": state},
            rows="rows",
            cursor="after",
        )

    @staticmethod
    def undo(number: int) -> Call[models.FollowupBulkEdit]:
        """Give the items back what they said before; `kept` rows were changed since and stay"""
        return Call("POST", f"/api/v1/action-items/bulk/{path(number)}/undo")


class views:
    """Saved views of the list of action items: your own and shared ones"""

    @staticmethod
    def index() -> Call[models.FollowupViews]:
        """Your views by name, then the shared ones of others"""
        return Call("GET", "/api/v1/views")

    @staticmethod
    def create(body: models.FollowupViewBody) -> Call[models.FollowupSavedView]:
        """Save a view; sharing it takes an author"""
        return Call("POST", "/api/v1/views", body=body)

    @staticmethod
    def show(number: int) -> Call[models.FollowupSavedView]:
        """One view; its ETag is the revision to send with an edit"""
        return Call("GET", f"/api/v1/views/{path(number)}")

    @staticmethod
    def change(number: int, body: models.FollowupViewEdit) -> Call[models.FollowupSavedView]:
        """Change a view of yours, or as an admin a shared one; say which revision you read, or If-Match"""
        return Call("PATCH", f"/api/v1/views/{path(number)}", body=body)

    @staticmethod
    def remove(number: int) -> Call[None]:
        """Delete a view of yours, or as an admin a shared one"""
        return Call("DELETE", f"/api/v1/views/{path(number)}")

    @staticmethod
    def choose(number: int) -> Call[models.FollowupSavedView]:
        """Let your list begin with this view"""
        return Call("PUT", f"/api/v1/views/{path(number)}/default")

    @staticmethod
    def choose_none() -> Call[None]:
        """Let your list begin with what is not closed"""
        return Call("DELETE", "/api/v1/views/default")


class due_policies:
    """Due-date policies: how long items may take, in whose days, and who hears of it when"""

    @staticmethod
    def index() -> Call[models.FollowupDuePolicies]:
        """Due-date policies, the most specific first: the first one that fits an item holds for it"""
        return Call("GET", "/api/v1/policies/due-dates")

    @staticmethod
    def create(body: models.FollowupDuePolicyRedate) -> Call[models.FollowupDuePolicy]:
        """Make a policy; with `redate` the items that there are are dated anew, too"""
        return Call("POST", "/api/v1/policies/due-dates", body=body)

    @staticmethod
    def preview(body: models.FollowupDuePreviewBody) -> Call[models.FollowupDuePreview]:
        """What a new or changed policy would do to the dates of the items that there are; changes nothing"""
        return Call("POST", "/api/v1/policies/due-dates/preview", body=body)

    @staticmethod
    def list_redates() -> Call[models.FollowupDueRedates]:
        """The newest times that items were dated anew"""
        return Call("GET", "/api/v1/policies/due-dates/redates")

    @staticmethod
    def show_redate(number: int) -> Call[models.FollowupDueRedate]:
        """How far one of them is"""
        return Call("GET", f"/api/v1/policies/due-dates/redates/{path(number)}")

    @staticmethod
    def undo_redate(number: int) -> Call[models.FollowupDueRedate]:
        """Give the items back the dates that they had, and the policy what it said"""
        return Call("POST", f"/api/v1/policies/due-dates/redates/{path(number)}/undo")

    @staticmethod
    def show(number: int) -> Call[models.FollowupDuePolicy]:
        """One policy"""
        return Call("GET", f"/api/v1/policies/due-dates/{path(number)}")

    @staticmethod
    def change(number: int, body: models.FollowupDuePolicyRedate) -> Call[models.FollowupDuePolicy]:
        """Change a policy; with `redate` the items that there are are dated anew, too"""
        return Call("PUT", f"/api/v1/policies/due-dates/{path(number)}", body=body)

    @staticmethod
    def delete(number: int) -> Call[None]:
        """Delete a policy; items keep the dates that it gave"""
        return Call("DELETE", f"/api/v1/policies/due-dates/{path(number)}")

    @staticmethod
    def show_deadline(ref: str) -> Call[models.FollowupItemDeadline]:
        """What a policy says of an item, and the exception that it has"""
        return Call("GET", f"/api/v1/action-items/{path(ref)}/deadline")

    @staticmethod
    def grant_exception(ref: str, body: models.FollowupDueExceptionBody) -> Call[models.FollowupItemDeadline]:
        """Date an item apart from policy, with a reason and an end"""
        return Call("PUT", f"/api/v1/action-items/{path(ref)}/exception", body=body)

    @staticmethod
    def end_exception(ref: str) -> Call[models.FollowupItemDeadline]:
        """End an item's exception: it gets its policy's date back"""
        return Call("DELETE", f"/api/v1/action-items/{path(ref)}/exception")

    @staticmethod
    def holidays() -> Call[models.FollowupHolidayCalendars]:
        """Holiday calendars, and the countries whose holidays are known"""
        return Call("GET", "/api/v1/holidays")

    @staticmethod
    def create_calendar(body: models.FollowupHolidayCalendarBody) -> Call[models.FollowupHolidayCalendar]:
        """Make a holiday calendar"""
        return Call("POST", "/api/v1/holidays", body=body)

    @staticmethod
    def show_calendar(slug: str) -> Call[models.FollowupHolidayCalendar]:
        """One holiday calendar with its days"""
        return Call("GET", f"/api/v1/holidays/{path(slug)}")

    @staticmethod
    def change_calendar(
        slug: str, body: models.FollowupHolidayCalendarEdit
    ) -> Call[models.FollowupHolidayCalendar]:
        """Change a holiday calendar; dates that were counted in it stay"""
        return Call("PUT", f"/api/v1/holidays/{path(slug)}", body=body)

    @staticmethod
    def delete_calendar(slug: str) -> Call[None]:
        """Delete a holiday calendar that no policy counts in"""
        return Call("DELETE", f"/api/v1/holidays/{path(slug)}")


class secrets:
    """What guards send to prove who they are: kept here, never told again."""

    @staticmethod
    def list_secrets(
        *, after: str | None = None, limit: int | None = None
    ) -> Listing[models.PeopleSecretsOut, models.PeopleSecretOut]:
        """Stored secrets by name: where each may be sent, never what it is."""
        return Listing(
            "GET", "/api/v1/secrets", query={"after": after, "limit": limit}, rows="secrets", cursor="after"
        )

    @staticmethod
    def keep_secret(name: str, body: models.PeopleSecretBody) -> Call[models.PeopleSecretOut]:
        """Keep a secret, or replace it and the origin it is for."""
        return Call("PUT", f"/api/v1/secrets/{path(name)}", body=body)

    @staticmethod
    def forget_secret(name: str) -> Call[None]:
        """Forget a secret; guards that name it cannot look from then on."""
        return Call("DELETE", f"/api/v1/secrets/{path(name)}")


class webhooks:
    """Tell other systems what happens here, signed as Standard Webhooks says."""

    @staticmethod
    def list_webhooks() -> Call[models.NotifyWebhooksOut]:
        """All webhooks, by name."""
        return Call("GET", "/api/v1/webhooks")

    @staticmethod
    def add_webhook(body: models.NotifyWebhookBody) -> Call[models.NotifySecretOut]:
        """Add a webhook; the answer has the secret that signs for it, this once."""
        return Call("POST", "/api/v1/webhooks", body=body)

    @staticmethod
    def edit_webhook(
        webhook_id: int, body: models.NotifyWebhookEditBodyPartial
    ) -> Call[models.NotifyWebhookOut]:
        """Change what is sent. Switched on again, a webhook begins with what happens from then on."""
        return Call("PATCH", f"/api/v1/webhooks/{path(webhook_id)}", body=body)

    @staticmethod
    def remove_webhook(webhook_id: int) -> Call[None]:
        """Remove a webhook; what waits for it is not sent."""
        return Call("DELETE", f"/api/v1/webhooks/{path(webhook_id)}")

    @staticmethod
    def rotate_secret(webhook_id: int) -> Call[models.NotifySecretOut]:
        """Replace the secret; for a day the one before signs as well."""
        return Call("POST", f"/api/v1/webhooks/{path(webhook_id)}/secret")

    @staticmethod
    def list_messages(
        webhook_id: int, *, before: int | None = None, limit: int | None = None
    ) -> Listing[models.NotifyMessagesOut, models.NotifyMessageOut]:
        """What was and is to be sent to a webhook, newest first."""
        return Listing(
            "GET",
            f"/api/v1/webhooks/{path(webhook_id)}/messages",
            query={"before": before, "limit": limit},
            rows="messages",
            cursor="before",
        )

    @staticmethod
    def send_message(webhook_id: int, message_id: int) -> Call[models.NotifyMessageOut]:
        """Send a message once more, under the same webhook-id."""
        return Call("POST", f"/api/v1/webhooks/{path(webhook_id)}/messages/{path(message_id)}/send")


class notifications:
    """Notifications: what you are told, and what you hear of"""

    @staticmethod
    def index(
        *, read: bool | None = None, before: int | None = None, limit: int | None = None
    ) -> Listing[models.NotifyNotifications, models.NotifyNotification]:
        """What you were told, newest first, of incidents that you may see"""
        return Listing(
            "GET",
            "/api/v1/notifications",
            query={"read": read, "before": before, "limit": limit},
            rows="notifications",
            cursor="before",
        )

    @staticmethod
    def edit(number: int, body: models.NotifyRead) -> Call[models.NotifyNotification]:
        """Note that you have read one, or have not"""
        return Call("PATCH", f"/api/v1/notifications/{path(number)}", body=body)

    @staticmethod
    def read_all(body: models.NotifyReadUpTo) -> Call[models.NotifyReadCount]:
        """Note that you have read all up to one"""
        return Call("POST", "/api/v1/notifications/read", body=body)

    @staticmethod
    def set_address(name: str, body: models.NotifyMailAddress) -> Call[models.NotifyNotificationSettings]:
        """Say where somebody's mail goes; an admin vouches for it"""
        return Call("PUT", f"/api/v1/people/{path(name)}/mail-address", body=body)

    @staticmethod
    def show_settings() -> Call[models.NotifyNotificationSettings]:
        """What you hear of, where and when"""
        return Call("GET", "/api/v1/notifications/settings")

    @staticmethod
    def change_settings(
        body: models.NotifyNotificationSettingsBody,
    ) -> Call[models.NotifyNotificationSettings]:
        """Change what you hear of, where and when"""
        return Call("PUT", "/api/v1/notifications/settings", body=body)


class digests:
    """Digests: when they come"""

    @staticmethod
    def index() -> Call[models.NotifyDigestSchedules]:
        """When your digest comes, and those of the teams that you lead"""
        return Call("GET", "/api/v1/digests")

    @staticmethod
    def change_mine(body: models.NotifyDigestScheduleBody) -> Call[models.NotifyDigestSchedule]:
        """Change when your digest comes"""
        return Call("PUT", "/api/v1/digests/mine", body=body)

    @staticmethod
    def change_teams(slug: str, body: models.NotifyDigestScheduleBody) -> Call[models.NotifyDigestSchedule]:
        """Change when the digest of a team that you lead comes"""
        return Call("PUT", f"/api/v1/digests/teams/{path(slug)}", body=body)


class channels:
    """Channels: chats that are told what people are; and deliveries"""

    @staticmethod
    def index() -> Call[models.NotifyChannels]:
        """All channels by name"""
        return Call("GET", "/api/v1/channels")

    @staticmethod
    def add(body: models.NotifyChannelBody) -> Call[models.NotifyChannel]:
        """Add a channel"""
        return Call("POST", "/api/v1/channels", body=body)

    @staticmethod
    def show(number: int) -> Call[models.NotifyChannel]:
        """One channel; its ETag is what an edit sends as If-Match"""
        return Call("GET", f"/api/v1/channels/{path(number)}")

    @staticmethod
    def change(number: int, body: models.NotifyChannelEditPartial) -> Call[models.NotifyChannel]:
        """Change a channel, or switch it on again; with If-Match, so that nobody's edit is lost"""
        return Call("PATCH", f"/api/v1/channels/{path(number)}", body=body)

    @staticmethod
    def remove(number: int) -> Call[None]:
        """Remove a channel; what waits for it is not sent"""
        return Call("DELETE", f"/api/v1/channels/{path(number)}")

    @staticmethod
    def test(number: int) -> Call[models.NotifyDelivery]:
        """Send a message that says only that it arrived"""
        return Call("POST", f"/api/v1/channels/{path(number)}/test")

    @staticmethod
    def list_deliveries(
        *,
        channel: Literal["", "mail", "chat"] | None = None,
        person: str | None = None,
        state: Literal["", "waiting", "sent", "dead", "held"] | None = None,
        before: int | None = None,
        limit: int | None = None,
    ) -> Listing[models.NotifyDeliveries, models.NotifyDelivery]:
        """Who was told by mail or chat, newest first, and how it went"""
        return Listing(
            "GET",
            "/api/v1/deliveries",
            query={"channel": channel, "person": person, "state": state, "before": before, "limit": limit},
            rows="deliveries",
            cursor="before",
        )

    @staticmethod
    def send_again(number: int) -> Call[models.NotifyDelivery]:
        """Send one once more, or now one that was tried and waits to be tried again"""
        return Call("POST", f"/api/v1/deliveries/{path(number)}/send")


class tickets:
    """Link action items to the issues of other trackers, and keep both in step."""

    @staticmethod
    def list_trackers() -> Call[models.TicketsTrackersOut]:
        """All trackers, by name."""
        return Call("GET", "/api/v1/trackers")

    @staticmethod
    def add_tracker(body: models.TicketsTrackerBody) -> Call[models.TicketsTrackerOut]:
        """Add a tracker; its token and secret are kept encrypted and never given back."""
        return Call("POST", "/api/v1/trackers", body=body)

    @staticmethod
    def show_tracker(tracker_id: int) -> Call[models.TicketsTrackerOut]:
        """One tracker."""
        return Call("GET", f"/api/v1/trackers/{path(tracker_id)}")

    @staticmethod
    def edit_tracker(
        tracker_id: int, body: models.TicketsTrackerBodyPartial
    ) -> Call[models.TicketsTrackerOut]:
        """Change a tracker; to another address its token is asked for anew. What was not sent is tried
        again.
        """
        return Call("PATCH", f"/api/v1/trackers/{path(tracker_id)}", body=body)

    @staticmethod
    def remove_tracker(tracker_id: int) -> Call[None]:
        """Forget a tracker and what is linked there; the issues stay."""
        return Call("DELETE", f"/api/v1/trackers/{path(tracker_id)}")

    @staticmethod
    def list_accounts(tracker_id: int) -> Call[models.TicketsTrackerAccountsOut]:
        """Which of the tracker's accounts is which of ours."""
        return Call("GET", f"/api/v1/trackers/{path(tracker_id)}/accounts")

    @staticmethod
    def name_account(
        tracker_id: int, body: models.TicketsTrackerAccountBody
    ) -> Call[models.TicketsTrackerAccountOut]:
        """Say whose account one of the tracker's is, or say so anew."""
        return Call("POST", f"/api/v1/trackers/{path(tracker_id)}/accounts", body=body)

    @staticmethod
    def forget_account(tracker_id: int, theirs: str) -> Call[None]:
        """Say no longer whose account it is."""
        return Call("DELETE", f"/api/v1/trackers/{path(tracker_id)}/accounts/{path(theirs)}")

    @staticmethod
    def list_policies(tracker_id: int) -> Call[models.TicketsTicketPoliciesOut]:
        """Which items get a ticket there by themselves once they are accepted."""
        return Call("GET", f"/api/v1/trackers/{path(tracker_id)}/policies")

    @staticmethod
    def add_policy(
        tracker_id: int, body: models.TicketsTicketPolicyBody
    ) -> Call[models.TicketsTicketPolicyOut]:
        """Have items get a ticket once they are accepted, from now on."""
        return Call("POST", f"/api/v1/trackers/{path(tracker_id)}/policies", body=body)

    @staticmethod
    def remove_policy(tracker_id: int, policy_id: int) -> Call[None]:
        """Have no more tickets created by it; those that there are stay."""
        return Call("DELETE", f"/api/v1/trackers/{path(tracker_id)}/policies/{path(policy_id)}")

    @staticmethod
    def create_many(tracker_id: int, body: models.TicketsTicketsBody) -> Call[models.TicketsTicketsAskedOut]:
        """Have an issue created for each of these items; those that have one keep it."""
        return Call("POST", f"/api/v1/trackers/{path(tracker_id)}/tickets", body=body)

    @staticmethod
    def list_tickets(ref: str) -> Call[models.TicketsTicketsOut]:
        """The tickets of an action item, with what both sides changed."""
        return Call("GET", f"/api/v1/action-items/{path(ref)}/tickets")

    @staticmethod
    def add_ticket(ref: str, body: models.TicketsTicketBody) -> Call[models.TicketsTicketOut]:
        """Link an issue that is there, or have one created: at most one a tracker

        The worker does it at once where the tracker answers, and keeps trying where it does not. Items
        of restricted incidents are refused unless an admin allows them for this tracker.
        """
        return Call("POST", f"/api/v1/action-items/{path(ref)}/tickets", body=body)

    @staticmethod
    def remove_ticket(ref: str, ticket_id: int) -> Call[None]:
        """Let nothing flow any more; the issue stays as it is."""
        return Call("DELETE", f"/api/v1/action-items/{path(ref)}/tickets/{path(ticket_id)}")

    @staticmethod
    def decide(
        ref: str, ticket_id: int, body: models.TicketsTicketDecisionBody
    ) -> Call[models.TicketsTicketOut]:
        """Decide a field that both sides changed. To take a state is an edit: done is what is proven."""
        return Call("POST", f"/api/v1/action-items/{path(ref)}/tickets/{path(ticket_id)}/decision", body=body)

    @staticmethod
    def look(ref: str, ticket_id: int) -> Call[models.TicketsTicketOut]:
        """Have the issue looked at now, or its creation tried anew."""
        return Call("POST", f"/api/v1/action-items/{path(ref)}/tickets/{path(ticket_id)}/look")


class publications:
    """Incidents as pages of other systems"""

    @staticmethod
    def list_outlets() -> Call[models.ExchangeOutlets]:
        """Where incidents are published, by name"""
        return Call("GET", "/api/v1/outlets")

    @staticmethod
    def add_outlet(body: models.ExchangeOutletBody) -> Call[models.ExchangeOutlet]:
        """Add an outlet; its token is kept encrypted"""
        return Call("POST", "/api/v1/outlets", body=body)

    @staticmethod
    def change_outlet(outlet_id: int, body: models.ExchangeOutletBody) -> Call[models.ExchangeOutlet]:
        """Say something else of an outlet"""
        return Call("PUT", f"/api/v1/outlets/{path(outlet_id)}", body=body)

    @staticmethod
    def remove_outlet(outlet_id: int) -> Call[None]:
        """Publish there no longer; the pages stay as they are"""
        return Call("DELETE", f"/api/v1/outlets/{path(outlet_id)}")

    @staticmethod
    def index(slug: str) -> Call[models.ExchangePublications]:
        """Where an incident is published"""
        return Call("GET", f"/api/v1/incidents/{path(slug)}/publications")

    @staticmethod
    def publish_one(slug: str, body: models.ExchangePublishBody) -> Call[models.ExchangePublication]:
        """Publish an incident, or bring its page up to date; 409 where somebody changed it there"""
        return Call("POST", f"/api/v1/incidents/{path(slug)}/publications", body=body)
