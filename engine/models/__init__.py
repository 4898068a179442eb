"""Tables and constraints, by noun; no rules."""

from engine.models.accounts import FormerPassword, SecondFactor, SpentProof, UserSession
from engine.models.base import Base, new_id, span_of_ids
from engine.models.case_numbers import CaseNumber, NumberSeries
from engine.models.case_people import CasePerson
from engine.models.casework import (
    Case,
    CaseAccess,
    CaseLink,
    CaseState,
    Due,
    FormDraft,
    IncidentRow,
    Task,
)
from engine.models.channels import (
    Channel,
    CitizenMessage,
    Contact,
    Delivery,
    DeliveryAttempt,
    NoticeText,
    Subscription,
)
from engine.models.citizens import (
    CitizenAttempt,
    CitizenCase,
    CitizenCode,
    CitizenPhoto,
    CitizenRating,
    PublicSite,
)
from engine.models.confidentiality import Confidentiality, ConfidentialUnit, Disclosure
from engine.models.definitions import Rollout, Version, VersionFile
from engine.models.desk import Follow, Presence, SavedView
from engine.models.drafts import DraftFile, DraftRemark, DraftVisitor, ProcessDraft
from engine.models.figures import CaseMark
from engine.models.geo import Boundary, BoundarySet
from engine.models.grants import AccountAct, GrantRequest
from engine.models.hotline import KnownEvent, Precedent, SuggestionModel
from engine.models.knowledge import Article, ArticleUse, ArticleVersion, KnowledgeGap
from engine.models.mergers import Merger
from engine.models.moves import Extension, Participation, Pause, PauseRequest, Remark, TaskStay
from engine.models.papers import Paper, PaperSeries
from engine.models.people import (
    CalendarDay,
    Deputy,
    LoginAttempt,
    Post,
    RoleKey,
    Setting,
    Unit,
    UnitChange,
    UnitMove,
    User,
)
from engine.models.records import (
    AdminEvent,
    Anchor,
    AnchorStamp,
    Attachment,
    BlindIndex,
    Event,
    VaultRow,
    WithdrawnRung,
)
from engine.models.statistics import (
    MILLIONTHS,
    ExchangeCode,
    FactCorrection,
    ReturnCell,
    ReturnPart,
    ReturnRow,
    StatisticReturn,
)
from engine.models.timing import Demand, Emergency, Recalculation
from engine.models.traffic import Notice, Outbox, Tally, TallyDelta, Tick

__all__ = [
    "AccountAct",
    "AdminEvent",
    "Anchor",
    "AnchorStamp",
    "Article",
    "ArticleUse",
    "ArticleVersion",
    "Attachment",
    "Base",
    "BlindIndex",
    "Boundary",
    "BoundarySet",
    "CalendarDay",
    "Case",
    "CaseAccess",
    "CaseLink",
    "CaseMark",
    "CaseNumber",
    "CasePerson",
    "CaseState",
    "Channel",
    "CitizenMessage",
    "ConfidentialUnit",
    "CitizenAttempt",
    "CitizenCase",
    "CitizenCode",
    "CitizenPhoto",
    "CitizenRating",
    "Confidentiality",
    "Contact",
    "Delivery",
    "DeliveryAttempt",
    "Demand",
    "Deputy",
    "Disclosure",
    "FormDraft",
    "FormerPassword",
    "DraftFile",
    "DraftRemark",
    "DraftVisitor",
    "Due",
    "Emergency",
    "Event",
    "ExchangeCode",
    "Extension",
    "FactCorrection",
    "Follow",
    "GrantRequest",
    "IncidentRow",
    "KnowledgeGap",
    "KnownEvent",
    "LoginAttempt",
    "Merger",
    "Notice",
    "NoticeText",
    "MILLIONTHS",
    "NumberSeries",
    "Outbox",
    "Paper",
    "PaperSeries",
    "Participation",
    "Pause",
    "PauseRequest",
    "Post",
    "Precedent",
    "Presence",
    "ProcessDraft",
    "PublicSite",
    "Recalculation",
    "Remark",
    "ReturnCell",
    "ReturnPart",
    "ReturnRow",
    "RoleKey",
    "Rollout",
    "SavedView",
    "SecondFactor",
    "Setting",
    "SpentProof",
    "Subscription",
    "StatisticReturn",
    "SuggestionModel",
    "Tally",
    "TallyDelta",
    "Task",
    "TaskStay",
    "Tick",
    "Unit",
    "UnitChange",
    "UnitMove",
    "User",
    "UserSession",
    "VaultRow",
    "WithdrawnRung",
    "Version",
    "VersionFile",
    "new_id",
    "span_of_ids",
]
