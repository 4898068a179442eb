"""Tables and constraints, by noun; no rules."""

from engine.models.base import Base, new_id, span_of_ids
from engine.models.casework import (
    Case,
    CaseAccess,
    CaseLink,
    CaseNumber,
    CaseState,
    Draft,
    Due,
    IncidentRow,
    Task,
)
from engine.models.definitions import Rollout, Version, VersionFile
from engine.models.desk import Follow, Presence, SavedView
from engine.models.drafts import DraftFile, DraftRemark, DraftVisitor, ProcessDraft
from engine.models.moves import Extension, Participation, Pause, Remark
from engine.models.people import (
    ROLES,
    CalendarDay,
    Deputy,
    LoginAttempt,
    Post,
    Setting,
    Unit,
    UnitChange,
    UnitMove,
    User,
)
from engine.models.records import AdminEvent, Anchor, Attachment, BlindIndex, Event, VaultRow
from engine.models.traffic import Notice, Outbox, Tally, TallyDelta, Tick

__all__ = [
    "ROLES",
    "AdminEvent",
    "Anchor",
    "Attachment",
    "Base",
    "BlindIndex",
    "CalendarDay",
    "Case",
    "CaseAccess",
    "CaseLink",
    "CaseNumber",
    "CaseState",
    "Deputy",
    "Draft",
    "DraftFile",
    "DraftRemark",
    "DraftVisitor",
    "Due",
    "Event",
    "Extension",
    "Follow",
    "IncidentRow",
    "LoginAttempt",
    "Notice",
    "Outbox",
    "Participation",
    "Pause",
    "Post",
    "Presence",
    "ProcessDraft",
    "Remark",
    "Rollout",
    "SavedView",
    "Setting",
    "Tally",
    "TallyDelta",
    "Task",
    "Tick",
    "Unit",
    "UnitChange",
    "UnitMove",
    "User",
    "VaultRow",
    "Version",
    "VersionFile",
    "new_id",
    "span_of_ids",
]
