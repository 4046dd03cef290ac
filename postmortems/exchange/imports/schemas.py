"""Schemas of imports in the API."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from postmortems.exchange.models import RESULTS
from postmortems.formats.choices import OneOfOrNothing
from postmortems.incidents import page_keys

LONGEST_TEXT = 4_000_000
MOST_TEXTS = 500


class TextSchema(Schema):
    """A document as text."""

    name = fields.String(
        load_default="",
        validate=validate.Length(max=1000),
        metadata={
            "description": "what identifies it when it comes again; by default, its date and title",
            "example": "2018-01-25-merge.md",
        },
    )
    text = fields.String(required=True, validate=validate.Length(max=LONGEST_TEXT))


class AskedSchema(Schema):
    """What to import. Files come as `multipart/form-data`: any number of `files`, zips among them."""

    texts = fields.List(fields.Nested(TextSchema), load_default=[], validate=validate.Length(max=MOST_TEXTS))
    git = fields.String(
        load_default="",
        validate=validate.Length(max=1000),
        metadata={
            "description": "an https address of a repository",
            "example": "https://git.example.org/reports.git",
        },
    )
    branch = fields.String(load_default="", validate=validate.Length(max=200))
    folder = fields.String(
        load_default="",
        validate=validate.Length(max=1000),
        metadata={"description": "a folder of the repository"},
    )
    tracker = fields.String(
        load_default="",
        validate=validate.Length(max=500),
        metadata={
            "description": "a tracker whose issues are reports: github:, gitlab:, jira:, pagerduty:",
            "example": "github:owner/repo",
        },
    )
    label = fields.String(
        load_default="",
        validate=validate.Length(max=200),
        metadata={"description": "only issues with it", "example": "postmortem"},
    )
    query = fields.String(
        load_default="",
        validate=validate.Length(max=1000),
        metadata={"description": "only what the tracker finds for it; JQL for Jira"},
    )
    account = fields.String(
        load_default="",
        validate=validate.Length(max=200),
        metadata={"description": "whose token it is, for Jira's cloud", "example": "ada@example.org"},
    )
    token = fields.String(
        load_default="",
        load_only=True,
        validate=validate.Length(max=1000),
        metadata={"description": "the tracker's token, used once and not stored"},
    )
    secret = fields.String(
        load_default="",
        validate=validate.Length(max=200),
        metadata={
            "description": "a token in the store in its place, for admins",
            "example": "store:github",
        },
    )
    service = fields.String(
        load_default="",
        validate=validate.Length(max=200),
        metadata={"description": "what was hit, where a file names none", "example": "data8"},
    )
    timezone = fields.String(
        load_default="",
        metadata={
            "description": "the zone of times, where a file states none",
            "example": "America/Los_Angeles",
        },
    )
    as_format = fields.String(
        data_key="as",
        load_default="",
        validate=validate.Length(max=30),
        metadata={
            "description": "the format of the files, where their endings and texts do not tell it",
            "example": "confluence",
        },
    )
    templates = fields.Boolean(
        load_default=False,
        metadata={"description": "import templates too, the forms that nobody has filled in"},
    )
    dry_run = fields.Boolean(
        load_default=False,
        metadata={"description": "see what would happen; `apply` then does it"},
    )


class UploadSchema(AskedSchema):
    """The fields beside the files."""

    class Meta:
        exclude = ("texts",)

    files = fields.List(fields.Raw(metadata={"type": "string", "format": "binary"}))


class WarningSchema(Schema):
    """What is odd about a file."""

    kind = fields.String(metadata={"description": "time, date, heading, template, fence or front"})
    line = fields.Integer(allow_none=True, metadata={"description": "counted from 1"})
    words = fields.String(metadata={"description": "the author's", "example": "09:00"})
    text = fields.String(metadata={"example": "earlier than the entry above it"})


class SectionSchema(Schema):
    """A section that was read."""

    heading = fields.String()
    role = fields.String()
    entries = fields.Integer()
    items = fields.Integer()


class FileSchema(Schema):
    """A file of an import, with what came of it. In a dry run that is what would come of it."""

    position = fields.Integer()
    at = fields.String(metadata={"description": "where it stood"})
    state = fields.String(validate=validate.OneOf(["waiting", "done"]))
    result = fields.String(validate=OneOfOrNothing(RESULTS))
    slug = fields.String(metadata={"description": "the incident's"})
    detail = fields.String(metadata={"description": "why it failed, with file and line"})
    reader = fields.String(metadata={"description": "as what it was read"})
    title = fields.String()
    sections = fields.List(fields.Nested(SectionSchema))
    entries = fields.Integer()
    items = fields.Integer()
    kept = fields.List(fields.String(), metadata={"description": "what is kept as it was written"})
    warnings = fields.List(fields.Nested(WarningSchema))
    diff = fields.List(fields.String(), metadata={"description": "against what is stored, a line each"})
    mine = fields.String(metadata={"description": "conflicts only: what the file says"})
    theirs = fields.String(metadata={"description": "conflicts only: what is stored"})
    review = fields.String(
        metadata={"description": "applied conflicts only: the page on which both are merged"}
    )


class LeftFileSchema(Schema):
    """A file that is no report, and why."""

    file = fields.String(metadata={"description": "its path below what was given"})
    reason = fields.String(metadata={"example": "MediaWiki, which is not read; convert it: pandoc …"})


class RunSchema(Schema):
    """An import."""

    id = fields.Integer()
    given = fields.String(metadata={"example": "reports.zip"})
    created_at = fields.DateTime()
    created_by = fields.String()
    service = fields.String()
    timezone = fields.String()
    templates = fields.Boolean(attribute="with_templates")
    left = fields.String(
        metadata={
            "description": "the files that were not read, by their endings",
            "example": "4 files left out: 3 .xlsx, 1 .adoc",
        }
    )
    phase = fields.String(
        metadata={"description": "staging while files arrive, reading (a dry run), or applying"}
    )
    ended_at = fields.DateTime(allow_none=True)
    files = fields.Integer(metadata={"description": "how many there are"})
    waiting = fields.Integer(metadata={"description": "how many are still to be worked on"})
    results = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        metadata={"description": "how many came to which result"},
    )


class WholeRunSchema(RunSchema):
    """An import with a page of its files."""

    left_files = fields.List(
        fields.Nested(LeftFileSchema),
        metadata={"description": "the first 1,000 of the files that were not read, with the reason"},
    )
    reports = fields.List(fields.Nested(FileSchema))
    next = fields.String(metadata={"description": "`after` of the next page of reports; empty on the last"})


class RunsSchema(Schema):
    """Imports, newest first."""

    imports = fields.List(fields.Nested(RunSchema))
    next = fields.String(metadata={"description": "`after` of the next page; empty on the last one"})


class PageQuerySchema(Schema):
    after = fields.String(load_default="", validate=validate.Length(max=100))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, page_keys.LARGEST))


class ReportsQuerySchema(PageQuerySchema):
    result = fields.String(
        load_default="",
        validate=OneOfOrNothing(RESULTS),
        metadata={"description": "only files with this result"},
    )
