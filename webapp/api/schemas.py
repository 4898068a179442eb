"""What the interface takes and gives; ids are strings, which every language reads exactly."""

from __future__ import annotations

from marshmallow import RAISE, Schema, fields, validate

from engine.access.sessions import SCOPES
from engine.accounts.logins import LONGEST_NAME, LONGEST_TOKEN
from engine.reading import worklists
from engine.reading.case_lists import LONGEST_SEARCH, STANDS
from engine.terms.lamps import LAMPS

# 64 bits hold every number of 18 digits, and the ids that are ever given.
ID = validate.Regexp(r"^[1-9][0-9]{0,17}$")
CURSOR = validate.Regexp(r"^[0-9]{0,17}\.[0-9]{1,18}$")


class StrictSchema(Schema):
    """Unknown fields are refused: a misspelt one must not be ignored."""

    class Meta:
        """Options of marshmallow."""

        unknown = RAISE


class RefusalSchema(Schema):
    """An answer that says no."""

    error = fields.String(required=True)
    message = fields.String(required=True)
    request_id = fields.String()
    errors = fields.Dict(keys=fields.String(), values=fields.Raw())


class Login(StrictSchema):
    """Who asks for a token."""

    login = fields.String(required=True, validate=validate.Length(1, 64))
    password = fields.String(required=True, load_only=True, validate=validate.Length(1, 200))
    code = fields.String(
        load_default="",
        validate=validate.Length(max=20),
        metadata={"description": "Of an authenticator app, for who has one"},
    )
    name = fields.String(load_default="API", validate=validate.Length(1, LONGEST_NAME))
    scopes = fields.List(
        fields.String(validate=validate.OneOf(SCOPES)),
        load_default=list(SCOPES),
        validate=validate.Length(1, len(SCOPES)),
    )
    days = fields.Integer(load_default=30, validate=validate.Range(1, LONGEST_TOKEN.days))


class TokenSchema(Schema):
    """A token for the Authorization header."""

    token = fields.String(required=True)
    expires_at = fields.AwareDateTime(required=True)


class CaseQuery(StrictSchema):
    """What narrows the list of cases."""

    q = fields.String(load_default="", validate=validate.Length(max=LONGEST_SEARCH))
    process = fields.String(load_default="", validate=validate.Length(max=64))
    stand = fields.String(load_default="", validate=validate.OneOf(("", *STANDS)))
    after = fields.String(validate=ID)
    size = fields.Integer(load_default=50, validate=validate.Range(1, 200))


class TaskQuery(StrictSchema):
    """What narrows the list of tasks."""

    queue = fields.String(load_default="mine", validate=validate.OneOf(worklists.QUEUES))
    process = fields.String(load_default="", validate=validate.Length(max=64))
    lamp = fields.String(load_default="", validate=validate.OneOf(("", *LAMPS)))
    after = fields.String(validate=CURSOR)
    size = fields.Integer(load_default=50, validate=validate.Range(1, 200))


class StepSchema(Schema):
    """A step that a case waits for."""

    task_id = fields.String(required=True)
    name = fields.String(required=True)
    name_en = fields.String(required=True)
    deadline_at = fields.AwareDateTime(allow_none=True)


class CaseItem(Schema):
    """A case in the list."""

    case_id = fields.String(required=True)
    number = fields.String(required=True)
    title = fields.String(required=True)
    place = fields.String(required=True)
    process = fields.String(required=True)
    priority = fields.String(required=True)
    opened_at = fields.AwareDateTime(required=True)
    closed_at = fields.AwareDateTime(allow_none=True)
    due_at = fields.AwareDateTime(allow_none=True)
    steps = fields.List(fields.Nested(StepSchema), required=True)


class CaseList(Schema):
    """One page of cases; ``next`` is what ``after`` takes for the following page."""

    items = fields.List(fields.Nested(CaseItem), required=True)
    next = fields.String(allow_none=True, required=True)


class TaskItem(Schema):
    """A task in the list."""

    task_id = fields.String(required=True)
    case_id = fields.String(required=True)
    number = fields.String(required=True)
    title = fields.String(required=True)
    place = fields.String(required=True)
    process = fields.String(required=True)
    priority = fields.String(required=True)
    step = fields.String(required=True)
    step_en = fields.String(required=True)
    unit = fields.String(required=True)
    assignee = fields.String(allow_none=True)
    signed_at = fields.AwareDateTime(allow_none=True)
    deadline_at = fields.AwareDateTime(allow_none=True)
    warn_at = fields.AwareDateTime(allow_none=True)
    done_at = fields.AwareDateTime(allow_none=True)


class TaskList(Schema):
    """One page of tasks; ``next`` is what ``after`` takes for the following page."""

    items = fields.List(fields.Nested(TaskItem), required=True)
    next = fields.String(allow_none=True, required=True)


class CaseDetail(CaseItem):
    """One case."""

    category = fields.String(allow_none=True)
    level = fields.String(required=True)
    version = fields.Integer(required=True)
    seen = fields.Integer(
        required=True,
        metadata={"description": "How much has happened; what a completion takes as seen"},
    )
    passed = fields.List(fields.String(), required=True)


class PersonSchema(Schema):
    """One person of a case, personal values masked; agents and guardians act for them."""

    role = fields.String(required=True)
    kind = fields.String(required=True)
    name = fields.String(required=True)
    phone = fields.String()
    resident_id = fields.String()
    address = fields.String()
    age = fields.String()
    agents = fields.List(fields.Nested(lambda: PersonSchema()), required=True)


class PeopleList(Schema):
    """The people of a case, parties first to last."""

    items = fields.List(fields.Nested(PersonSchema), required=True)


class Completion(StrictSchema):
    """The answers to a task's form, by the names of its fields.

    With ``seen``, as the case gave it when the answers were made, they are refused (409) where
    somebody else has changed the case since; without it they count whatever has happened.
    """

    seen = fields.Integer(validate=validate.Range(min=0), strict=True)

    answers = fields.Dict(keys=fields.String(), values=fields.Raw(allow_none=True), required=True)


class DraftFiles(Schema):
    """The files of a draft, by path."""

    revision = fields.Integer(required=True)
    stage = fields.String(required=True)
    files = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class DraftSaving(StrictSchema):
    """Changed files over a revision; null deletes one."""

    revision = fields.Integer(required=True, strict=True)
    files = fields.Dict(keys=fields.String(), values=fields.String(allow_none=True), required=True)


class DraftSaved(Schema):
    """The revision that holds what was saved."""

    revision = fields.Integer(required=True)


class CheckResultSchema(Schema):
    """Findings by file, as ``fengqiao check --json`` prints them."""

    revision = fields.Integer(required=True)
    ok = fields.Boolean(required=True)
    files = fields.List(fields.Dict(keys=fields.String(), values=fields.Raw()), required=True)
