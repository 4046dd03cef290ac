"""Models: what the API takes and gives, as plain JSON with types.

Written by `scripts/client` from the OpenAPI document: changes belong there.
"""

from __future__ import annotations

from typing import Any, Literal, TypedDict


class AuditEventOut(TypedDict, total=False):
    id: int
    at: str
    actor_kind: str
    actor: str
    verb: str
    subject_kind: str
    subject: str
    way: str
    credential: str
    address: str
    details: dict[str, Any]
    is_withheld: bool


class AuditEventsOut(TypedDict, total=False):
    events: list[AuditEventOut]
    next: int | None


class CaptureChatAnswer(TypedDict, total=False):
    response_type: str
    text: str


class CaptureChatPress(TypedDict, total=False):
    ephemeral_text: str


class CaptureNote(TypedDict, total=False):
    text: str
    title: str
    kind: Literal["", "trigger", "detection", "escalation", "change", "mitigation", "recovery", "note"]
    at: str


class CaptureNoted(TypedDict, total=False):
    id: str
    incident: str
    title_of_incident: str
    version: int
    section: str
    section_heading: str
    written: str
    title: str
    text: str
    kind: str
    at: str | None
    instant: str | None
    is_new: bool
    url: str


ExchangeAsked = TypedDict(
    "ExchangeAsked",
    {
        "texts": "list[ExchangeText]",
        "git": "str",
        "branch": "str",
        "folder": "str",
        "tracker": "str",
        "label": "str",
        "query": "str",
        "account": "str",
        "token": "str",
        "secret": "str",
        "service": "str",
        "timezone": "str",
        "as": "str",
        "templates": "bool",
        "dry_run": "bool",
    },
    total=False,
)


class ExchangeFile(TypedDict, total=False):
    position: int
    at: str
    state: Literal["waiting", "done"]
    result: Literal["", "new", "changed", "same", "conflict", "template", "failed"]
    slug: str
    detail: str
    reader: str
    title: str
    sections: list[ExchangeSection]
    entries: int
    items: int
    kept: list[str]
    warnings: list[ExchangeWarning]
    diff: list[str]
    mine: str
    theirs: str
    review: str


class ExchangeLeftFile(TypedDict, total=False):
    file: str
    reason: str


class ExchangeOutlet(TypedDict, total=False):
    id: int
    name: str
    kind: str
    api: str
    place: str
    account: str


class ExchangeOutletBody(TypedDict, total=False):
    name: str
    kind: Literal["confluence", "github", "gitlab"]
    api: str
    place: str
    account: str
    access_token: str


class ExchangeOutlets(TypedDict, total=False):
    outlets: list[ExchangeOutlet]


class ExchangePublication(TypedDict, total=False):
    outlet: str
    url: str
    version: str
    revision: int
    standing: Literal["current", "changed", "gone", "failed"]
    trouble: str
    by: str
    at: str


class ExchangePublications(TypedDict, total=False):
    publications: list[ExchangePublication]


class ExchangePublishBody(TypedDict, total=False):
    outlet: str
    overwrite: bool
    anew: bool


class ExchangeRun(TypedDict, total=False):
    id: int
    given: str
    created_at: str
    created_by: str
    service: str
    timezone: str
    templates: bool
    left: str
    phase: str
    ended_at: str | None
    files: int
    waiting: int
    results: dict[str, int]


class ExchangeRuns(TypedDict, total=False):
    imports: list[ExchangeRun]
    next: str


class ExchangeSection(TypedDict, total=False):
    heading: str
    role: str
    entries: int
    items: int


class ExchangeSync(TypedDict, total=False):
    url: str
    branch: str
    folder: str
    service: str
    timezone: str
    secret: str
    with_drafts: bool
    every_s: int | None
    id: int
    due_at: str | None
    commit: str
    synced_at: str | None
    tried_at: str | None
    result: str
    remarks: str
    is_failed: bool


class ExchangeSyncBody(TypedDict, total=False):
    url: str
    branch: str
    folder: str
    service: str
    timezone: str
    secret: str
    with_drafts: bool
    every_s: int | None


class ExchangeSyncs(TypedDict, total=False):
    syncs: list[ExchangeSync]
    next: int | None


class ExchangeText(TypedDict, total=False):
    name: str
    text: str


ExchangeUploadPart = TypedDict(
    "ExchangeUploadPart",
    {
        "git": "str",
        "branch": "str",
        "folder": "str",
        "tracker": "str",
        "label": "str",
        "query": "str",
        "account": "str",
        "token": "str",
        "secret": "str",
        "service": "str",
        "timezone": "str",
        "as": "str",
        "templates": "bool",
        "dry_run": "bool",
        "files": "list[str]",
    },
    total=False,
)


class ExchangeWarning(TypedDict, total=False):
    kind: str
    line: int | None
    words: str
    text: str


class ExchangeWholeRun(TypedDict, total=False):
    id: int
    given: str
    created_at: str
    created_by: str
    service: str
    timezone: str
    templates: bool
    left: str
    phase: str
    ended_at: str | None
    files: int
    waiting: int
    results: dict[str, int]
    left_files: list[ExchangeLeftFile]
    reports: list[ExchangeFile]
    next: str


class FlaskSmorestPaginationMetadata(TypedDict, total=False):
    total: int
    total_pages: int
    first_page: int
    last_page: int
    page: int
    previous_page: int
    next_page: int


class FollowupBulkBody(TypedDict, total=False):
    items: list[str]
    filter: FollowupBulkFilter
    set: FollowupBulkSet
    expected: dict[str, FollowupBulkExpected]
    message: str
    dry_run: bool


class FollowupBulkEdit(TypedDict, total=False):
    id: int | None
    state: Literal["planned", "running", "done", "undoing", "undone"]
    set: dict[str, Any]
    total: int
    counts: dict[str, int]
    missing: list[str]
    remarks: list[str]
    by: str
    at: str | None
    undone_by: str
    ended_at: str | None
    rows: list[FollowupBulkRow]
    next: int | None


class FollowupBulkExpected(TypedDict, total=False):
    owner: str
    team: str
    due: str | None
    priority: str
    status: str
    reason: str
    outcome: str
    evidence: str


class FollowupBulkFilter(TypedDict, total=False):
    status: str
    kind: str
    owner: str
    service: str
    incident: str
    due_from: str | None
    due_before: str | None
    opened_from: str | None
    opened_before: str | None
    closed_from: str | None
    closed_before: str | None
    protection: str
    priority: str
    severity: str
    team: str
    tag: str
    age: int | None
    overdue: bool
    unowned: bool
    unproven: bool
    reopened: bool
    undated: bool
    done: Literal["", "in_time", "late"]
    ticket: str
    q: str
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


class FollowupBulkRow(TypedDict, total=False):
    id: str
    text: str
    incident: str
    state: Literal["waiting", "done", "same", "refused", "conflict", "undone", "kept"]
    before: dict[str, Any]
    after: dict[str, Any]
    reason_code: str
    detail: str


class FollowupBulkSet(TypedDict, total=False):
    owner: str
    team: str
    due: str | None
    priority: Literal["", "P0", "P1", "P2", "P3"]
    status: Literal["proposed", "open", "in_progress", "done", "wont_do"]
    reason: str
    outcome: str
    evidence: str
    guard: str
    tag: str


class FollowupDueChange(TypedDict, total=False):
    id: str
    text: str
    incident: str
    due: str | None
    new_due: str | None


class FollowupDueException(TypedDict, total=False):
    until: str
    reason: str
    by: str
    at: str | None


class FollowupDueExceptionBody(TypedDict, total=False):
    due: str
    until: str
    reason: str


class FollowupDuePolicies(TypedDict, total=False):
    policies: list[FollowupDuePolicy]


class FollowupDuePolicy(TypedDict, total=False):
    id: int
    title: str
    version: int
    severity: str
    priority: str
    kind: str
    team: str
    assign_days: int | None
    complete_days: int | None
    counting: str
    begins: str
    zone: str
    calendar: str
    warn_before: list[int]
    warns_at: bool
    warn_after: list[int]
    lead_after: int | None
    admin_after: int | None
    saved_by: str
    saved_at: str
    redated: FollowupDueRedate | None


class FollowupDuePolicyRedate(TypedDict, total=False):
    severity: Literal["", "SEV1", "SEV2", "SEV3", "SEV4"]
    priority: Literal["", "P0", "P1", "P2", "P3"]
    kind: Literal["", "process", "technical", "documentation", "monitoring", "upstream", "other"]
    team: str
    assign_days: int | None
    complete_days: int | None
    counting: Literal["calendar", "business"]
    begins: Literal["commitment", "incident"]
    zone: str
    calendar: str
    warn_before: list[int]
    warns_at: bool
    warn_after: list[int]
    lead_after: int | None
    admin_after: int | None
    version: int | None
    redate: bool
    with_undated: bool


class FollowupDuePreview(TypedDict, total=False):
    moved: int
    dated: int
    late: int
    unsure: int
    by_hand: int
    undated: int
    excepted: int
    looked_at: int
    is_whole: bool
    items: list[FollowupDueChange]


class FollowupDuePreviewBody(TypedDict, total=False):
    severity: Literal["", "SEV1", "SEV2", "SEV3", "SEV4"]
    priority: Literal["", "P0", "P1", "P2", "P3"]
    kind: Literal["", "process", "technical", "documentation", "monitoring", "upstream", "other"]
    team: str
    assign_days: int | None
    complete_days: int | None
    counting: Literal["calendar", "business"]
    begins: Literal["commitment", "incident"]
    zone: str
    calendar: str
    warn_before: list[int]
    warns_at: bool
    warn_after: list[int]
    lead_after: int | None
    admin_after: int | None
    id: int | None
    with_undated: bool


class FollowupDueRedate(TypedDict, total=False):
    id: int
    policy: int | None
    title: str
    state: Literal["running", "done", "undoing", "undone"]
    by: str
    at: str
    done: int
    waiting: int
    percent: int
    kept: int
    undone: int


class FollowupDueRedates(TypedDict, total=False):
    redates: list[FollowupDueRedate]


class FollowupEdit(TypedDict, total=False):
    text: str
    kind: Literal["", "process", "technical", "documentation", "monitoring", "upstream", "other"]
    owner: str
    team: str
    due: str | None
    priority: Literal["", "P0", "P1", "P2", "P3"]
    status: Literal["proposed", "open", "in_progress", "done", "wont_do"]
    reason: str
    done_when: str
    guardability: Literal["", "enforceable", "attestable", "not_guardable"]
    outcome: str
    evidence: str
    tickets: list[str]
    guards: list[str]


class FollowupHolidayCalendar(TypedDict, total=False):
    id: str
    name: str
    version: int
    country: str
    subdivision: str
    weekend: list[int]
    known_until: int | None
    days: list[str]
    holidays: list[str]


class FollowupHolidayCalendarBody(TypedDict, total=False):
    name: str
    country: str
    subdivision: str
    weekend: list[int] | None
    days: list[str]
    ical: str


class FollowupHolidayCalendarEdit(TypedDict, total=False):
    name: str
    country: str
    subdivision: str
    weekend: list[int] | None
    days: list[str]
    ical: str
    version: int | None


class FollowupHolidayCalendarLine(TypedDict, total=False):
    id: str
    name: str
    country: str
    subdivision: str
    weekend: list[int]
    count: int


class FollowupHolidayCalendars(TypedDict, total=False):
    calendars: list[FollowupHolidayCalendarLine]
    countries: dict[str, list[str]]


class FollowupIncidentOfItem(TypedDict, total=False):
    slug: str
    title: str
    occurred_on: str
    services: list[str]


class FollowupItem(TypedDict, total=False):
    id: str
    text: str
    category: str
    kind: Literal["process", "technical", "documentation", "monitoring", "upstream", "other"]
    owner: str
    team: str
    due: str | None
    priority: str
    status: Literal["proposed", "open", "in_progress", "done", "wont_do"]
    reason: str
    done_when: str
    guardability: str
    outcome: str
    evidence: str
    tickets: list[str]
    guards: list[str]
    blocked_by: list[str]
    protection: Literal["unguarded", "shadow", "guarded", "proven", "enforced", "regressed"]
    opened_at: str
    closed_at: str | None
    closed_by: str
    closed_unproven: bool
    reopened_at: str | None
    reopened_because: str
    incident: FollowupIncidentOfItem


class FollowupItemAccept(TypedDict, total=False):
    owner: str
    team: str
    due: str | None
    priority: Literal["", "P0", "P1", "P2", "P3"]


class FollowupItemAct(TypedDict, total=False):
    id: int
    at: str
    what: str
    by: str
    by_kind: str
    changes: list[FollowupItemChange]
    version: int | None
    message: str
    why: str


FollowupItemChange = TypedDict(
    "FollowupItemChange", {"field": "str", "from": "str | None", "to": "str | None"}, total=False
)


class FollowupItemConfirm(TypedDict, total=False):
    evidence: str


class FollowupItemDeadline(TypedDict, total=False):
    id: str
    due: str | None
    policy: int | None
    policy_due: str | None
    assign_by: str | None
    committed_at: str | None
    exception: FollowupDueException | None


class FollowupItemDecline(TypedDict, total=False):
    reason: str


class FollowupItemHistory(TypedDict, total=False):
    history: list[FollowupItemAct]
    next: str


class FollowupItemLinks(TypedDict, total=False):
    is_blocked: bool
    blocked_by: list[FollowupLinkedItem]
    blocks: list[FollowupLinkedItem]
    merged_into: FollowupLinkedItem | None
    merged: list[FollowupLinkedItem]


class FollowupItemMerge(TypedDict, total=False):
    into: str


class FollowupLinkedItem(TypedDict, total=False):
    id: str | None
    text: str
    status: str | None
    incident: str | None
    is_closed: bool


class FollowupList(TypedDict, total=False):
    action_items: list[FollowupItem]
    next: str


class FollowupSavedView(TypedDict, total=False):
    id: int
    name: str
    query: str
    owner: str
    is_mine: bool
    is_shared: bool
    is_default: bool
    problem: str
    revision: int
    saved_at: str


class FollowupViewBody(TypedDict, total=False):
    name: str
    query: str
    is_shared: bool


class FollowupViewEdit(TypedDict, total=False):
    name: str
    query: str
    is_shared: bool
    revision: int


class FollowupViews(TypedDict, total=False):
    views: list[FollowupSavedView]


class GateAnswerOut(TypedDict, total=False):
    id: str
    decision: str
    service: str
    target: str
    artifact: GateArtifactShape
    dry_run: bool
    drill: int
    evaluated_at: str
    valid_until: str
    wait_deadline: str | None
    incidents: int
    reasons: list[GateReasonOut]
    guards: list[GateGuardAnswerOut]
    warnings: list[GateWarningOut]
    override: GatePassOut
    single_use: bool
    signature: str


class GateArtifactShape(TypedDict, total=False):
    digest: str
    sha: str
    components: dict[str, str]


class GateAskShape(TypedDict, total=False):
    service: str
    target: str
    declared_target: str
    artifact: GateArtifactShape
    change_kind: Literal["feature", "fix", "rollback", "security"]
    resolves: list[str]
    run: GateRunShape
    actor: str
    at: str | None
    dry_run: bool
    wait_s: int
    drill: int


class GateBlocksOut(TypedDict, total=False):
    blocks: int
    true_blocks: int
    false_blocks: int
    undecided: int
    precision: float | None
    definitions: dict[str, str]


class GateBroughtOut(TypedDict, total=False):
    dry_run: bool
    made: list[str]
    changed: list[str]
    same: int
    notes: list[str]


class GateClaimedArtifact(TypedDict, total=False):
    digest: str
    sha: str
    components: dict[str, str]


class GateClassOut(TypedDict, total=False):
    name: str
    label: str
    definition: str
    incidents: int


class GateConfirmBody(TypedDict, total=False):
    is_real: bool
    guards: list[str]


class GateConfirmationOut(TypedDict, total=False):
    guard: str
    is_real: bool
    by: str
    at: str


class GateConfirmationsOut(TypedDict, total=False):
    confirmations: list[GateConfirmationOut]


class GateCountedWaiverOut(TypedDict, total=False):
    kind: str
    owner: str
    made_by: str
    reason: str
    ends_at: str
    counts: bool
    verdict: str | None
    summary: str | None


class GateCoverageOut(TypedDict, total=False):
    as_of: str
    classes: list[GateClassOut]
    incidents: list[GateCoveredOut]
    next: str
    months: list[GateMonthOut]


class GateCoveredOut(TypedDict, total=False):
    slug: str
    title: str
    occurred_on: str
    severity: str
    coverage: str
    blocking: list[str]
    kinds: list[str]
    noticing: list[str]
    targets: list[str]
    scenarios: int
    url: str


class GateDecisionOut(TypedDict, total=False):
    id: str
    decision: str
    service: str
    target: str
    artifact: str
    is_dry_run: bool
    is_demo: bool
    asked_by: str
    asked_at: str
    evaluated_at: str
    valid_until: str | None


class GateDecisionsOut(TypedDict, total=False):
    decisions: list[GateDecisionOut]
    next: str


class GateDrillOut(TypedDict, total=False):
    id: int
    scenario_id: int
    at: str
    by: str
    decision: str
    is_as_expected: bool
    results: list[GateResultOut]


class GateFactsShape(TypedDict, total=False):
    at: str
    request: GateRecordedAskShapePart
    evidence: list[GateSeenShape]
    probes: dict[str, dict[str, Any]]


class GateFailModeOut(TypedDict, total=False):
    wrong: str
    verdict: str
    effective: str
    happens: str


class GateFailModesOut(TypedDict, total=False):
    fail_modes: list[GateFailModeOut]


class GateFindingOut(TypedDict, total=False):
    id: int
    kind: str
    at: str
    target: str
    guard: str
    artifact: str
    decision_id: str
    summary: str
    settled_at: str | None
    settled_by: str
    reason: str


class GateFindingsOut(TypedDict, total=False):
    findings: list[GateFindingOut]
    next: str


class GateFlaggerBody(TypedDict, total=False):
    name: str
    namespace: str
    metadata: dict[str, str]


class GateGuardAnswerOut(TypedDict, total=False):
    guard: str
    title: str
    kind: str
    level: str
    revision: int
    verdict: str
    effective: str
    reason_code: str
    summary: str
    observed: Any
    expected: Any
    checked_at: str | None
    next_possible_at: str | None
    remedy: str
    evidence_id: int | None
    waiver: GateCountedWaiverOut | None
    override: int
    because: list[GuardsBecause]
    later: GateLaterOut | None
    is_cut: bool


class GateKeyOut(TypedDict, total=False):
    kty: str
    crv: str
    use: str
    alg: str
    kid: str
    x: str


class GateKeysOut(TypedDict, total=False):
    keys: list[GateKeyOut]


class GateLaterOut(TypedDict, total=False):
    verdict: str
    reason_code: str
    summary: str
    observed: Any
    expected: Any
    at: str


class GateLiveDrillOut(TypedDict, total=False):
    id: int
    scenario_id: int
    at: str
    by: str
    decision_id: str
    decision: str
    is_as_expected: bool


class GateLiveDrillsOut(TypedDict, total=False):
    live_drills: list[GateLiveDrillOut]
    next: str


class GateMonthOut(TypedDict, total=False):
    month: str
    incidents: int
    stopped: int


class GateOverrideOut(TypedDict, total=False):
    id: int
    decision_id: str
    target: str
    artifact: str
    guards: list[str]
    reason: str
    ticket: str
    expires_s: int
    state: str
    requested_by: str
    requested_at: str
    settled_by: str
    is_self_granted: bool
    settled_at: str | None
    expires_at: str | None
    items: list[str]


class GateOverrideShape(TypedDict, total=False):
    guards: list[str]
    reason: str
    ticket: str
    expires_s: int


class GateOverridesOut(TypedDict, total=False):
    overrides: list[GateOverrideOut]
    next: str


class GatePassOut(TypedDict, total=False):
    allowed: bool
    roles: list[str]
    guards: list[str]
    people: int


class GateReasonOut(TypedDict, total=False):
    reason_code: str
    summary: str
    remedy: str


class GateRecordedAskShapePart(TypedDict, total=False):
    service: str
    target: str
    declared_target: str
    artifact: GateArtifactShape
    change_kind: Literal["feature", "fix", "rollback", "security"]
    resolves: list[str]
    run: GateRunShape
    actor: str


class GateResultOut(TypedDict, total=False):
    guard: str
    revision: int
    kind: str
    level: str
    verdict: str
    effective: str
    reason_code: str
    summary: str
    observed: Any
    expected: Any
    next_possible_at: str | None


class GateRunShape(TypedDict, total=False):
    provider: str
    id: Any
    attempt: int
    url: str
    committers: list[str]
    typed_target: str


class GateScenarioEditShapePartial(TypedDict, total=False):
    name: str
    kind: Literal["bad", "good"]
    description: str
    facts: GateFactsShape
    revision: int


class GateScenarioOut(TypedDict, total=False):
    id: int
    incident: str
    name: str
    kind: str
    description: str
    facts: dict[str, Any]
    revision: int
    edited_at: str
    newest_drill: GateDrillOut | None


class GateScenarioShape(TypedDict, total=False):
    incident: str
    name: str
    kind: Literal["bad", "good"]
    description: str
    facts: GateFactsShape


class GateScenariosOut(TypedDict, total=False):
    scenarios: list[GateScenarioOut]
    next: str


class GateSeenShape(TypedDict, total=False):
    kind: Literal[
        "acknowledgement",
        "attestation",
        "command",
        "deploy",
        "evaluation",
        "facts",
        "incident",
        "item",
        "ping",
        "policy",
        "resolution",
        "signoff",
    ]
    guard: str
    predicate: str
    service: str
    target: str
    subject: GateSubjectShape
    digest: str
    sha: str
    result: str
    outcome: str
    observed_at: str
    issuer: str
    trust: str
    tests: dict[str, Any]
    run: dict[str, Any]
    data: dict[str, Any]


class GateSettleBody(TypedDict, total=False):
    reason: str


class GateSubjectShape(TypedDict, total=False):
    digest: str
    sha: str


class GateSuggestionOut(TypedDict, total=False):
    cause: str
    because: str
    item: str
    kind: str
    slug: str
    title: str
    config: dict[str, Any]
    targets: list[str]


class GateSuggestionsOut(TypedDict, total=False):
    suggestions: list[GateSuggestionOut]


class GateVerifiedOut(TypedDict, total=False):
    id: str
    is_valid: bool
    decision: str
    reason_code: str
    summary: str
    valid_until: str | None


class GateVerifyShape(TypedDict, total=False):
    service: str
    target: str
    artifact: GateClaimedArtifact
    use: bool


class GateWaiverOut(TypedDict, total=False):
    id: int
    kind: str
    guard: str
    target: str
    owner: str
    reason: str
    zone: str
    made_by: str
    made_at: str
    granted_by: str
    ends_at: str
    ended_by: str


class GateWaiverShape(TypedDict, total=False):
    kind: Literal["waiver", "pause", "probe_pause"]
    guard: str
    target: str
    owner: str
    reason: str
    until: str
    zone: str


class GateWaiversOut(TypedDict, total=False):
    waivers: list[GateWaiverOut]
    next: str


class GateWarningOut(TypedDict, total=False):
    guard: str | None
    reason_code: str
    summary: str


class GuardsAcknowledgementBody(TypedDict, total=False):
    version: int


class GuardsAcknowledgementOut(TypedDict, total=False):
    version: int
    person: str
    at: str


class GuardsArtifactBody(TypedDict, total=False):
    digest: str
    sha: str
    components: dict[str, str]


class GuardsAskedOut(TypedDict, total=False):
    guard: Any
    decision_id: Any
    target: Any
    digest: Any
    sha: Any
    actor: Any
    asked_at: Any
    checklist: Any
    summary: str
    why_not: str


class GuardsAttestationBody(TypedDict, total=False):
    service: str
    target: str
    observed_at: str | None
    run: dict[str, Any]
    event_id: str
    predicate: str
    subject: GuardsSubjectBody
    result: Literal["passed", "warned", "failed"]
    tests: dict[str, Literal["passed", "warned", "failed", "skipped"]]


class GuardsBecause(TypedDict, total=False):
    incident: GuardsBecauseIncident
    action_item: GuardsBecauseItem


class GuardsBecauseIncident(TypedDict, total=False):
    slug: str
    title: str
    date: str | None
    url: str


class GuardsBecauseItem(TypedDict, total=False):
    id: str
    text: str
    owner: str
    url: str


class GuardsCommandBody(TypedDict, total=False):
    service: str
    target: str
    observed_at: str | None
    run: dict[str, Any]
    event_id: str
    guard: str
    definition_sha256: str
    artifact: GuardsArtifactBody
    exit_code: int


class GuardsCommandOut(TypedDict, total=False):
    guard: str
    argv: list[str]
    cwd: str
    env_allow: list[str]
    timeout_s: int
    definition_sha256: str


class GuardsCommandsOut(TypedDict, total=False):
    commands: list[GuardsCommandOut]


class GuardsDeployBody(TypedDict, total=False):
    service: str
    target: str
    observed_at: str | None
    run: dict[str, Any]
    event_id: str
    artifact: GuardsArtifactBody
    outcome: Literal["started", "succeeded", "failed", "rolled_back"]
    decision_id: str


class GuardsEvaluationOut(TypedDict, total=False):
    id: int
    at: str
    purpose: str
    decision_id: str | None
    guard_revision: int
    target: str
    level: str
    verdict: str
    reason_code: str
    summary: str
    observed: Any
    expected: Any
    checked_at: str | None


class GuardsEvaluationsOut(TypedDict, total=False):
    evaluations: list[GuardsEvaluationOut]
    next: str


class GuardsEvidenceOut(TypedDict, total=False):
    id: int
    kind: str
    target: Any
    predicate: str
    subject: str
    sha: str
    result: str
    issuer: str
    trust: str
    observed_at: str
    received_at: str
    decision_id: str
    event_id: str | None
    warnings: Any


class GuardsFactsBody(TypedDict, total=False):
    service: str
    target: str
    observed_at: str | None
    run: dict[str, Any]
    event_id: str
    facts: dict[str, str]


class GuardsGuardBody(TypedDict, total=False):
    slug: str
    title: str
    kind: str
    config: dict[str, Any]
    level: Literal["shadow", "advisory", "soft", "hard"]
    is_enabled: bool
    on_error: Literal["block", "warn"]
    override: Literal["none", "one", "two"]
    max_age_s: int
    remedy: str
    owner: str
    targets: list[str]


class GuardsGuardEditBodyPartial(TypedDict, total=False):
    title: str
    config: dict[str, Any]
    level: Literal["shadow", "advisory", "soft", "hard"]
    is_enabled: bool
    on_error: Literal["block", "warn"]
    override: Literal["none", "one", "two"]
    max_age_s: int
    remedy: str
    owner: str
    targets: list[str]
    revision: int


class GuardsGuardOut(TypedDict, total=False):
    slug: str
    title: str
    kind: str
    config: dict[str, Any]
    level: str
    is_enabled: bool
    on_error: str
    override: str
    max_age_s: int
    remedy: str
    owner: str
    is_demo: bool
    revision: int
    created_at: str
    edited_at: str
    flaps_since: str | None
    targets: list[str]
    because: list[GuardsBecause]
    newest: GuardsEvaluationOut | None


class GuardsGuardsOut(TypedDict, total=False):
    guards: list[GuardsGuardOut]
    next: str


class GuardsKeyOut(TypedDict, total=False):
    key: str
    url: str


class GuardsKindOut(TypedDict, total=False):
    kind: str
    label: str
    passes_when: str
    observes: bool
    schema: dict[str, Any]
    sample: dict[str, Any]


class GuardsKindsOut(TypedDict, total=False):
    kinds: list[GuardsKindOut]


class GuardsLookOut(TypedDict, total=False):
    observed_at: str
    peer: str
    rule: str
    detail: str


class GuardsPingOut(TypedDict, total=False):
    number: int
    at: str
    result: str
    exit_status: int | None
    rid: str
    body: str


class GuardsPingsOut(TypedDict, total=False):
    pings: list[GuardsPingOut]
    next: int


class GuardsPoliciesOut(TypedDict, total=False):
    policies: list[GuardsPolicyOut]
    next: str


class GuardsPolicyEditBodyPart(TypedDict, total=False):
    title: str
    text: str
    url: str
    after: int | None


class GuardsPolicyOut(TypedDict, total=False):
    slug: str
    title: str
    newest: GuardsVersionOut


class GuardsReceivedOut(TypedDict, total=False):
    received: str


class GuardsResolutionBody(TypedDict, total=False):
    service: str
    target: str
    note: str


class GuardsServiceBody(TypedDict, total=False):
    name: str
    title: str
    targets: list[str]
    team: str | None


class GuardsServiceEditBodyPart(TypedDict, total=False):
    title: str
    targets: list[str]
    team: str | None


class GuardsServiceOut(TypedDict, total=False):
    name: str
    title: str
    team: str
    is_demo: bool
    is_registered: bool
    targets: list[GuardsTargetOut]
    named_targets: list[str]


class GuardsServicesOut(TypedDict, total=False):
    services: list[GuardsServiceOut]
    next: str


class GuardsSignoffBody(TypedDict, total=False):
    guard: str
    service: str
    target: str
    artifact: GuardsSubjectBody
    result: Literal["approved", "rejected"]
    checklist: list[str]
    note: str


class GuardsSignoffsOut(TypedDict, total=False):
    signoffs: list[GuardsAskedOut]


class GuardsStatementBody(TypedDict, total=False):
    _type: Literal["https://in-toto.io/Statement/v1"]
    subject: list[GuardsStatementSubject]
    predicateType: Literal[
        "https://in-toto.io/attestation/test-result/v0.1", "https://slsa.dev/verification_summary/v1"
    ]
    predicate: dict[str, Any]


class GuardsStatementOut(TypedDict, total=False):
    evidence: list[GuardsEvidenceOut]


class GuardsStatementSubject(TypedDict, total=False):
    name: str
    digest: dict[str, str]


class GuardsSubjectBody(TypedDict, total=False):
    digest: str
    sha: str


class GuardsTargetOut(TypedDict, total=False):
    name: str
    full_name: str


class GuardsTrialBody(TypedDict, total=False):
    target: str
    declared_target: str
    artifact: GuardsArtifactBody
    change_kind: Literal["feature", "fix", "rollback", "security"]


class GuardsVersionOut(TypedDict, total=False):
    number: int
    text: str
    url: str
    at: str
    by: str


class IncidentsApproval(TypedDict, total=False):
    name: str
    version: int
    at: str
    is_current: bool
    changes_since: int


class IncidentsApprove(TypedDict, total=False):
    version: int | None


class IncidentsApproved(TypedDict, total=False):
    digest: str


class IncidentsAttachment(TypedDict, total=False):
    id: str
    url: str
    markdown: str
    name: str
    type: str
    size: int
    width: int | None
    height: int | None
    sha256: str
    created_by: str
    created_at: str


class IncidentsAttachmentUse(TypedDict, total=False):
    id: str
    url: str
    markdown: str
    name: str
    type: str
    size: int
    width: int | None
    height: int | None
    sha256: str
    created_by: str
    created_at: str
    link: str


class IncidentsAttachments(TypedDict, total=False):
    attachments: list[IncidentsAttachmentUse]
    next: str


class IncidentsAuthorship(TypedDict, total=False):
    fields: list[IncidentsWrittenField]
    sections: list[IncidentsWrittenSection]


class IncidentsBlock(TypedDict, total=False):
    type: Literal["prose", "entry", "category", "item"]
    id: str
    text: str
    heading: str
    written: str
    title: str
    kind: str
    at: str | None
    until: str | None
    precision: str
    approximate: bool
    zone: str
    instant: str | None
    warnings: list[str]
    owner: str
    team: str
    due: str | None
    priority: Literal["", "P0", "P1", "P2", "P3"]
    status: Literal["", "proposed", "open", "in_progress", "done", "wont_do"]
    reason: str
    done_when: str
    guardability: Literal["", "enforceable", "attestable", "not_guardable"]
    outcome: str
    evidence: str
    tickets: list[str]
    guards: list[str]
    blocked_by: list[str]


class IncidentsBlockDiff(TypedDict, total=False):
    kind: Literal["prose", "entry", "category", "item"]
    name: str
    changes: list[Literal["added", "removed", "renamed", "moved", "changed"]]
    moved_from: str
    fields: list[IncidentsFieldDiff]


class IncidentsBrokenOut(TypedDict, total=False):
    slug: str


class IncidentsChange(TypedDict, total=False):
    part: Literal["field", "section", "entry", "item", "category", "more"]
    name: str
    changes: list[Literal["added", "removed", "renamed", "moved", "changed"]]
    section: str
    was: str
    moved_from: str
    fields: list[IncidentsChangedField]


class IncidentsChangedField(TypedDict, total=False):
    name: str
    old: str
    new: str


class IncidentsComment(TypedDict, total=False):
    id: int
    part: str
    part_is_removed: bool
    quoted: str
    reply_to: int | None
    text: str
    suggestion: str | None
    suggestion_state: str
    applied_version: int | None
    author: str
    at: str
    edited_at: str | None
    resolved_at: str | None
    resolved_by: str
    deleted_at: str | None
    deleted_by: str
    warnings: list[str]


class IncidentsCommentChange(TypedDict, total=False):
    resolved: bool
    text: str
    suggestion: str | None


class IncidentsComments(TypedDict, total=False):
    comments: list[IncidentsComment]
    next: int | None


IncidentsDiff = TypedDict(
    "IncidentsDiff",
    {
        "from": "IncidentsRevision | None",
        "to": "IncidentsRevision",
        "fields": "list[IncidentsFieldDiff]",
        "sections": "list[IncidentsSectionDiff]",
        "by_line": "bool",
    },
    total=False,
)


class IncidentsDraft(TypedDict, total=False):
    title: str
    date: str | None
    timezone: str
    severity: Literal["", "SEV1", "SEV2", "SEV3", "SEV4"]
    status: Literal["", "draft", "published"]
    recurrence_of: str
    services: list[str]
    tags: list[str]
    restricted: list[str]
    extra: list[list[str]]
    heading: str
    sections: list[IncidentsSection]
    id: str
    incident: str | None
    version: int
    stored_version: int
    saved_at: str
    message: str
    pasted: list[str]
    problems: list[IncidentsHalfFilled]
    text: str


class IncidentsDrafts(TypedDict, total=False):
    drafts: list[IncidentsListedDraft]


class IncidentsEdit(TypedDict, total=False):
    title: str
    date: str | None
    timezone: str
    severity: Literal["", "SEV1", "SEV2", "SEV3", "SEV4"]
    status: Literal["", "draft", "published"]
    recurrence_of: str
    services: list[str]
    tags: list[str]
    restricted: list[str]
    extra: list[list[str]]
    heading: str
    sections: list[IncidentsSection]
    version: int
    message: str


class IncidentsEditedPart(TypedDict, total=False):
    part: str


class IncidentsFieldDiff(TypedDict, total=False):
    name: str
    old: str
    new: str
    words: list[IncidentsWords]


class IncidentsFront(TypedDict, total=False):
    slug: str
    title: str
    occurred_on: str
    severity: str
    status: str
    state: str
    services: list[str]
    tags: list[str]
    restricted: list[str]
    version: int
    saved_at: str
    is_demo: bool


class IncidentsHalfFilled(TypedDict, total=False):
    pointer: str
    detail: str


class IncidentsIncident(TypedDict, total=False):
    title: str
    date: str | None
    timezone: str
    severity: Literal["", "SEV1", "SEV2", "SEV3", "SEV4"]
    status: Literal["", "draft", "published"]
    recurrence_of: str
    services: list[str]
    tags: list[str]
    restricted: list[str]
    extra: list[list[str]]
    heading: str
    sections: list[IncidentsSection]
    slug: str
    version: int
    occurred_on: str
    created_at: str
    created_by: str
    saved_at: str
    published_at: str | None
    is_demo: bool
    merged: IncidentsTogether
    warnings: list[str]
    state: str


class IncidentsKept(TypedDict, total=False):
    text: str
    by: str
    at: str


class IncidentsList(TypedDict, total=False):
    incidents: list[IncidentsFront]
    next: str


class IncidentsListedDraft(TypedDict, total=False):
    id: str
    incident: str | None
    title: str
    version: int
    stored_version: int
    saved_at: str


class IncidentsMention(TypedDict, total=False):
    id: int
    incident: IncidentsMentionedIn
    place: str
    url: str
    by: str
    at: str
    seen_at: str | None


class IncidentsMentionedIn(TypedDict, total=False):
    slug: str
    title: str


class IncidentsMentions(TypedDict, total=False):
    mentions: list[IncidentsMention]
    next: int | None


class IncidentsNewComment(TypedDict, total=False):
    text: str
    part: str | None
    reply_to: int | None
    suggestion: str | None


class IncidentsNewCommentPart(TypedDict, total=False):
    text: str
    reply_to: int | None
    suggestion: str | None


class IncidentsPerson(TypedDict, total=False):
    name: str
    part: str
    seen_at: str


class IncidentsPresence(TypedDict, total=False):
    version: int
    people: list[IncidentsPerson]


class IncidentsPublicReport(TypedDict, total=False):
    state: str
    slug: str
    version: int
    title: str
    summary: str
    shown_title: str
    shown_summary: str
    sections: list[IncidentsPublicSection]
    pictures: list[str]
    removals: list[IncidentsRemoval]
    hidden: list[IncidentsRemoval]
    kept: list[IncidentsKept]
    digest: str
    editors: list[str]
    asked_by: str
    approved_by: str
    drawn_from: int
    incident_version: int
    has_text_changed: bool
    has_incident_changed: bool
    publication: IncidentsPublication | None
    withdrawn_at: str | None
    withdrawn_because: str


class IncidentsPublicReportEdit(TypedDict, total=False):
    title: str
    summary: str
    sections: list[IncidentsSectionEdit]
    kept: list[str]
    pictures: list[str]
    version: int | None


class IncidentsPublicSection(TypedDict, total=False):
    part: str
    heading: str
    text: str
    shown: str


class IncidentsPublication(TypedDict, total=False):
    url: str
    at: str
    by: str
    approved_by: str
    incident_version: int


class IncidentsPublishRule(TypedDict, total=False):
    severity: str
    approvals: int
    due_days: int | None
    required_fields: list[str]
    required_sections: list[str]


class IncidentsPublishRuleEdit(TypedDict, total=False):
    approvals: int
    due_days: int | None
    required_fields: list[str] | None
    required_sections: list[str] | None


class IncidentsPublishRules(TypedDict, total=False):
    rules: list[IncidentsPublishRule]


class IncidentsReasonBody(TypedDict, total=False):
    reason: str


class IncidentsRemoval(TypedDict, total=False):
    kind: str
    text: str
    why: str
    where: str
    line: int
    is_kept: bool


class IncidentsReportReview(TypedDict, total=False):
    state: str
    version: int
    due_on: str | None
    is_overdue: bool
    approvals_needed: int
    approvals_current: int
    reviewers: list[IncidentsReviewer]
    approvals: list[IncidentsApproval]
    skipped: IncidentsSkippedReport | None


class IncidentsRestore(TypedDict, total=False):
    section: int | None
    status: bool
    version: int | None
    dry_run: bool


class IncidentsRestrictionOut(TypedDict, total=False):
    id: int
    restricted_by: str
    restricted_at: str
    named: int
    active: int
    slug: str
    until: str | None


class IncidentsRestrictionsOut(TypedDict, total=False):
    restrictions: list[IncidentsRestrictionOut]
    next: str


class IncidentsReviewer(TypedDict, total=False):
    name: str
    asked_by: str
    asked_at: str


class IncidentsReviewers(TypedDict, total=False):
    reviewers: list[str]


class IncidentsRevision(TypedDict, total=False):
    version: int
    at: str
    author: str
    message: str


class IncidentsRevisions(TypedDict, total=False):
    revisions: list[IncidentsSave]


class IncidentsSave(TypedDict, total=False):
    version: int
    at: str
    author: str
    message: str
    changes: list[IncidentsChange] | None


class IncidentsSection(TypedDict, total=False):
    id: str
    heading: str
    role: str
    blocks: list[IncidentsBlock]


class IncidentsSectionDiff(TypedDict, total=False):
    heading: str
    was: str
    changes: list[Literal["added", "removed", "renamed", "moved", "changed"]]
    section: int | None
    blocks: list[IncidentsBlockDiff]


class IncidentsSectionEdit(TypedDict, total=False):
    part: str
    heading: str | None
    text: str | None
    entries: list[str] | None


class IncidentsSeen(TypedDict, total=False):
    seen: bool


class IncidentsSkip(TypedDict, total=False):
    reason: str


class IncidentsSkippedReport(TypedDict, total=False):
    reason: str
    by: str
    at: str


class IncidentsTemplate(TypedDict, total=False):
    id: str
    name: str
    about: str
    severities: list[str]
    services: list[str]
    order: int
    version: int
    is_starter: bool
    is_changed: bool
    sections: list[IncidentsTemplateSection]
    markdown: str


class IncidentsTemplateEdit(TypedDict, total=False):
    markdown: str
    version: int | None


class IncidentsTemplateSection(TypedDict, total=False):
    heading: str
    prompt: str


class IncidentsTemplateText(TypedDict, total=False):
    markdown: str


class IncidentsTemplates(TypedDict, total=False):
    templates: list[IncidentsTemplate]


class IncidentsTogether(TypedDict, total=False):
    edited: int
    onto: int
    parts: list[str]
    moved: list[str]


class IncidentsUploadBody(TypedDict, total=False):
    incident: str
    file: str


class IncidentsWholeRevision(TypedDict, total=False):
    version: int
    at: str
    author: str
    message: str
    text: str


class IncidentsWords(TypedDict, total=False):
    op: Literal["same", "removed", "added"]
    text: str


class IncidentsWrittenBlock(TypedDict, total=False):
    version: int | None
    author: str | None
    at: str | None
    kind: Literal["prose", "entry", "category", "item"]
    name: str


class IncidentsWrittenField(TypedDict, total=False):
    version: int | None
    author: str | None
    at: str | None
    name: str


class IncidentsWrittenSection(TypedDict, total=False):
    version: int | None
    author: str | None
    at: str | None
    heading: str
    blocks: list[IncidentsWrittenBlock]


class NotifyChannel(TypedDict, total=False):
    id: int
    name: str
    kind: Literal["slack", "teams", "mattermost", "discord", "webhook"]
    host: str
    tells: list[Literal["digest", "reminder", "escalation", "assigned", "reopened", "free", "monthly"]]
    team: Any
    is_enabled: bool
    trouble: str
    failing_since: str | None
    created_at: str


class NotifyChannelBody(TypedDict, total=False):
    name: str
    kind: Literal["slack", "teams", "mattermost", "discord", "webhook"]
    url: str
    tells: list[Literal["digest", "reminder", "escalation", "assigned", "reopened", "free", "monthly"]]
    team: str


class NotifyChannelEditPartial(TypedDict, total=False):
    name: str
    kind: Literal["slack", "teams", "mattermost", "discord", "webhook"]
    url: str
    tells: list[Literal["digest", "reminder", "escalation", "assigned", "reopened", "free", "monthly"]]
    team: str
    is_enabled: bool


class NotifyChannels(TypedDict, total=False):
    channels: list[NotifyChannel]


class NotifyDeliveries(TypedDict, total=False):
    deliveries: list[NotifyDelivery]
    next: int | None


class NotifyDelivery(TypedDict, total=False):
    id: int
    channel: Literal["mail", "chat"]
    to: str
    kind: str
    about: str
    state: Literal["waiting", "sent", "dead", "held"]
    attempts: int
    created_at: str
    due_at: str
    sent_at: str | None
    trouble: str


class NotifyDigestSchedule(TypedDict, total=False):
    team: Any
    every: Literal["week", "day", "never"]
    weekday: int
    hour: int
    zone: str
    due_at: str | None


class NotifyDigestScheduleBody(TypedDict, total=False):
    every: Literal["week", "day", "never"]
    weekday: int
    hour: int
    zone: str


class NotifyDigestSchedules(TypedDict, total=False):
    digests: list[NotifyDigestSchedule]


class NotifyMailAddress(TypedDict, total=False):
    address: str


class NotifyMailedReport(TypedDict, total=False):
    month: str
    as_of: str


class NotifyMessageOut(TypedDict, total=False):
    id: int
    message: str
    type: str
    state: Literal["waiting", "sent", "dead", "held"]
    attempts: int
    created_at: str
    due_at: str
    sent_at: str | None
    last_status: int | None
    trouble: str


class NotifyMessagesOut(TypedDict, total=False):
    messages: list[NotifyMessageOut]
    next: int | None


class NotifyNotification(TypedDict, total=False):
    id: int
    kind: Literal[
        "reminder",
        "escalation",
        "assigned",
        "mention",
        "review",
        "override",
        "reopened",
        "free",
        "digest",
        "monthly",
        "token",
        "channel",
    ]
    title: str
    url: str
    item: str | None
    incident: str | None
    at: str
    read_at: str | None


class NotifyNotificationSettings(TypedDict, total=False):
    zone: str
    quiet_from: Any
    quiet_until: Any
    off: list[
        Literal[
            "assigned:inbox",
            "assigned:mail",
            "channel:inbox",
            "channel:mail",
            "digest:inbox",
            "digest:mail",
            "escalation:inbox",
            "escalation:mail",
            "free:inbox",
            "free:mail",
            "mention:inbox",
            "mention:mail",
            "monthly:inbox",
            "monthly:mail",
            "override:inbox",
            "override:mail",
            "reminder:inbox",
            "reminder:mail",
            "reopened:inbox",
            "reopened:mail",
            "review:inbox",
            "review:mail",
            "token:inbox",
            "token:mail",
        ]
    ]
    address: str
    confirmed_at: str | None
    trouble: str


class NotifyNotificationSettingsBody(TypedDict, total=False):
    zone: str
    quiet_from: str
    quiet_until: str
    off: list[str]


class NotifyNotifications(TypedDict, total=False):
    notifications: list[NotifyNotification]
    unread: int
    next: int | None


class NotifyRead(TypedDict, total=False):
    read: bool


class NotifyReadCount(TypedDict, total=False):
    read: int


class NotifyReadUpTo(TypedDict, total=False):
    up_to: int


class NotifyReportMailBody(TypedDict, total=False):
    to: Literal["all", "me"]


class NotifySecretOut(TypedDict, total=False):
    webhook: NotifyWebhookOut
    secret: str


class NotifyWebhookBody(TypedDict, total=False):
    name: str
    url: str
    events: list[str]


class NotifyWebhookEditBodyPartial(TypedDict, total=False):
    name: str
    url: str
    events: list[str]
    is_enabled: bool


class NotifyWebhookOut(TypedDict, total=False):
    id: int
    name: str
    url: str
    events: list[str]
    is_enabled: bool
    trouble: str
    failing_since: str | None
    previous_until: str | None
    created_at: str


class NotifyWebhooksOut(TypedDict, total=False):
    webhooks: list[NotifyWebhookOut]


class PeopleCiIdentitiesOut(TypedDict, total=False):
    identities: list[PeopleCiIdentityOut]


class PeopleCiIdentityBody(TypedDict, total=False):
    name: str
    issuer: str
    claims: dict[str, str]
    target: str
    scopes: list[str]


class PeopleCiIdentityOut(TypedDict, total=False):
    name: str
    issuer: str
    claims: dict[str, str]
    target: str
    scopes: list[str]
    created_at: str
    last_used_at: str | None


class PeopleForgottenName(TypedDict, total=False):
    name: str


class PeopleOwnerName(TypedDict, total=False):
    name: str
    account: Any
    team: Any


class PeopleOwnerNameBody(TypedDict, total=False):
    name: str
    account: str
    team: str


class PeopleOwnerNames(TypedDict, total=False):
    owner_names: list[PeopleOwnerName]
    next: str


class PeopleSecretBody(TypedDict, total=False):
    origin: str
    value: str


class PeopleSecretOut(TypedDict, total=False):
    name: str
    origin: str
    created_at: str
    edited_at: str


class PeopleSecretsOut(TypedDict, total=False):
    secrets: list[PeopleSecretOut]
    next: str


class PeopleServiceAccount(TypedDict, total=False):
    name: str
    role: str
    is_active: bool
    created_at: str
    purpose: str
    owner: str
    team: str


class PeopleServiceAccountBody(TypedDict, total=False):
    name: str
    role: Literal["viewer", "author", "operator"]
    purpose: str
    owner: str
    team: str


class PeopleServiceAccountEdit(TypedDict, total=False):
    role: Literal["viewer", "author", "operator"]
    purpose: str
    owner: str
    team: str
    is_active: bool


class PeopleServiceAccounts(TypedDict, total=False):
    service_accounts: list[PeopleServiceAccount]
    next: str


class PeopleTeam(TypedDict, total=False):
    id: str
    name: str
    version: int
    members: Any


class PeopleTeamCreate(TypedDict, total=False):
    name: str
    members: list[PeopleTeamMember]
    id: str


class PeopleTeamEdit(TypedDict, total=False):
    name: str
    members: list[PeopleTeamMember]
    version: int | None


class PeopleTeamMember(TypedDict, total=False):
    account: str
    is_lead: bool
    role: Literal["", "reviewer", "author", "admin"]


class PeopleTeams(TypedDict, total=False):
    teams: list[PeopleTeam]
    next: str


class ReportsAgain(TypedDict, total=False):
    slug: str
    title: str
    occurred_on: str
    services: list[str]
    open: int
    unproven: int
    why: str
    url: str


class ReportsCatalogReportOut(TypedDict, total=False):
    report: Literal[
        "ageing",
        "flow",
        "unwritten",
        "response-times",
        "recurrence",
        "causes",
        "policy",
        "funnel",
        "guards",
        "change-failures",
    ]
    title: str
    definition: str
    as_of: str
    filters: dict[str, str]
    figures: list[ReportsReportFigureOut]
    columns: list[ReportsReportColumnOut]
    rows: list[dict[str, Any]]
    notes: list[str]


class ReportsEntity(TypedDict, total=False):
    apiVersion: str
    kind: str
    metadata: ReportsEntityMetadata
    spec: ReportsEntitySpec
    relations: list[ReportsEntityRelation]


class ReportsEntityCounts(TypedDict, total=False):
    open: int
    overdue: int
    unproven: int


class ReportsEntityIncident(TypedDict, total=False):
    slug: str
    title: str
    occurred_on: str
    severity: str
    status: str
    url: str


class ReportsEntityItem(TypedDict, total=False):
    id: str
    text: str
    status: str
    owner: str
    due: str | None
    overdue: bool
    protection: Literal["unguarded", "shadow", "guarded", "proven", "enforced", "regressed"]
    incident: str
    url: str


class ReportsEntityLink(TypedDict, total=False):
    url: str
    title: str
    icon: str


class ReportsEntityMetadata(TypedDict, total=False):
    namespace: str
    name: str
    title: str
    annotations: dict[str, str]
    links: list[ReportsEntityLink]


class ReportsEntityPostmortems(TypedDict, total=False):
    service: str
    registered: bool
    targets: list[str]
    counts: ReportsEntityCounts
    badge: str
    incidents: list[ReportsEntityIncident]
    incidents_url: str
    action_items: list[ReportsEntityItem]
    action_items_url: str


class ReportsEntityRelation(TypedDict, total=False):
    type: str
    targetRef: str


class ReportsEntitySpec(TypedDict, total=False):
    type: str
    lifecycle: str
    owner: str
    postmortems: ReportsEntityPostmortems


class ReportsFigure(TypedDict, total=False):
    name: str
    label: str
    value: float | None
    definition: str
    rows: str


class ReportsFix(TypedDict, total=False):
    ref: str
    text: str
    incident: ReportsIncidentOfFix
    services: list[str]
    owner: str
    team: str
    due: str | None
    overdue: bool
    age_days: int
    status: Literal["open", "in_progress"]
    protection: Literal["unguarded", "shadow", "guarded", "proven", "enforced", "regressed"]
    guards: list[str]
    url: str


class ReportsIncidentOfFix(TypedDict, total=False):
    slug: str
    title: str
    url: str


class ReportsKeptMonthOut(TypedDict, total=False):
    month: str
    as_of: str


class ReportsKeptMonthsOut(TypedDict, total=False):
    months: list[ReportsKeptMonthOut]


class ReportsMonthlyReportOut(TypedDict, total=False):
    report: str
    title: str
    month: str
    as_of: str
    is_kept: bool
    filters: dict[str, str]
    figures: list[ReportsReportFigureOut]
    parts: list[ReportsCatalogReportOut]
    notes: list[str]


class ReportsReport(TypedDict, total=False):
    report: str
    as_of: str
    service: str
    items: list[ReportsFix]
    next: str
    figures: list[ReportsFigure]
    tables: dict[str, ReportsTable]
    again: list[ReportsAgain]


class ReportsReportColumnOut(TypedDict, total=False):
    name: str
    label: str


class ReportsReportFigureOut(TypedDict, total=False):
    name: str
    label: str
    value: float | None
    definition: str
    rows: str


class ReportsTable(TypedDict, total=False):
    label: str
    definition: str
    rows: list[dict[str, Any]]


class ReviewsAnswer(TypedDict, total=False):
    take: Literal["here", "file", "text"]
    text: str
    version: int


class ReviewsConflict(TypedDict, total=False):
    id: int
    incident: str
    kind: str
    summary: str
    outcome: str
    opened_by: str
    opened_at: str
    closed_by: str
    closed_at: str | None
    name: str
    origin: str
    in_file: str
    stored: str
    merged: str
    version: int


class ReviewsReview(TypedDict, total=False):
    id: int
    incident: str
    kind: str
    summary: str
    outcome: str
    opened_by: str
    opened_at: str
    closed_by: str
    closed_at: str | None


class ReviewsReviews(TypedDict, total=False):
    reviews: list[ReviewsReview]
    next: int | None


class SearchHit(TypedDict, total=False):
    kind: Literal["incident", "item", "guard", "decision"]
    ref: str
    title: str
    url: str
    snippet: list[SearchPart]


class SearchPart(TypedDict, total=False):
    text: str
    is_hit: bool


class SearchSearch(TypedDict, total=False):
    hits: list[SearchHit]
    count: int
    notes: list[str]
    next: str


class TicketsDisagreementOut(TypedDict, total=False):
    field: str
    ours: str
    theirs: str


class TicketsTicketBody(TypedDict, total=False):
    tracker: int
    issue: str


class TicketsTicketDecisionBody(TypedDict, total=False):
    field: Literal["title", "state", "assignee", "due"]
    choice: Literal["ours", "theirs", "apart"]


class TicketsTicketLeftOut(TypedDict, total=False):
    action_item: str
    reason: str


class TicketsTicketOut(TypedDict, total=False):
    id: int
    action_item: str
    tracker: int
    tracker_name: str
    service: str
    ticket: str
    url: str
    standing: Literal["creating", "linked", "agreed", "disputed", "unproven", "held", "gone"]
    title: str
    state: str
    assignee: str
    due: str
    disagreements: list[TicketsDisagreementOut]
    trouble: str
    twin: str
    seen_at: str | None
    by: str
    at: str


class TicketsTicketPoliciesOut(TypedDict, total=False):
    policies: list[TicketsTicketPolicyOut]


class TicketsTicketPolicyBody(TypedDict, total=False):
    service: str
    priority: Literal["", "P0", "P1", "P2", "P3"]
    kind: Literal["", "process", "technical", "documentation", "monitoring", "upstream", "other"]


class TicketsTicketPolicyOut(TypedDict, total=False):
    id: int
    service: str
    priority: str
    kind: str
    by: str
    at: str


class TicketsTicketsAskedOut(TypedDict, total=False):
    tickets: list[TicketsTicketOut]
    left_out: list[TicketsTicketLeftOut]


class TicketsTicketsBody(TypedDict, total=False):
    items: list[str]


class TicketsTicketsOut(TypedDict, total=False):
    tickets: list[TicketsTicketOut]


class TicketsTrackerAccountBody(TypedDict, total=False):
    theirs: str
    ours: str


class TicketsTrackerAccountOut(TypedDict, total=False):
    theirs: str
    ours: str


class TicketsTrackerAccountsOut(TypedDict, total=False):
    accounts: list[TicketsTrackerAccountOut]


class TicketsTrackerBody(TypedDict, total=False):
    name: str
    service: Literal["github", "gitlab", "jira", "linear"]
    api: str
    place: str
    account: str
    issue_type: str
    access_token: str
    webhook_secret: str
    is_enabled: bool
    sends_restricted: bool


class TicketsTrackerBodyPartial(TypedDict, total=False):
    name: str
    service: Literal["github", "gitlab", "jira", "linear"]
    api: str
    place: str
    account: str
    issue_type: str
    access_token: str
    webhook_secret: str
    is_enabled: bool
    sends_restricted: bool


class TicketsTrackerOut(TypedDict, total=False):
    id: int
    name: str
    service: str
    api: str
    place: str
    account: str
    issue_type: str
    is_enabled: bool
    sends_restricted: bool
    has_webhook_secret: bool
    webhook_path: str
    trouble: str
    looked_at: str | None


class TicketsTrackersOut(TypedDict, total=False):
    trackers: list[TicketsTrackerOut]


class WebClash(TypedDict, total=False):
    kind: Literal["field", "item", "section"]
    part: str
    field: str
    base: str
    theirs: str
    yours: str
    theirs_words: list[WebWords]
    yours_words: list[WebWords]


class WebHome(TypedDict, total=False):
    needs: list[WebNeed]


class WebNeed(TypedDict, total=False):
    name: str
    label: str
    whose: str
    definition: str
    count: int
    is_more: bool
    url: str


class WebProblem(TypedDict, total=False):
    type: str
    title: str
    status: int
    detail: str
    errors: list[WebWrongPlace]
    version: int
    mine: str
    theirs: str
    yours: str
    base: str
    clashes: list[WebClash]
    differs: list[str]
    merged: str


class WebRemedy(TypedDict, total=False):
    code: str
    do: str
    field: str
    value: str
    page: str


class WebWords(TypedDict, total=False):
    op: Literal["same", "removed", "added"]
    text: str


class WebWrongPlace(TypedDict, total=False):
    pointer: str
    detail: str
    line: int
    column: int
    reason_code: str
    remedies: list[WebRemedy]
