"""Open311 GeoReport v2 of a county: services, their definition, requests; JSON and XML."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, request
from sqlalchemy import select
from werkzeug.wrappers import Response

from engine import settings
from engine.citizens import attempts, georeport, reporting, sites
from engine.citizens.georeport import PublicRequest, RequestQuery
from engine.citizens.reporting import CitizenReport
from engine.definitions.citizen_choices import CitizenChoice
from engine.errors import DomainError, InvalidInput, NotFound
from engine.models import Case, Unit
from engine.storage.db import reading, transaction
from forms import InvalidAnswers
from webapp import downloads, georeport_words
from webapp.account.people import public
from webapp.clock import now
from webapp.locales import localize

Row = Mapping[str, Any]
FORMATS = ("json", "xml")
blueprint = Blueprint("open311", __name__, url_prefix="/c/<code>/open311/v2")
STATES = frozenset({"open", "closed"})


class RefusedRequest(Exception):
    """A request that the standard answers with errors, and the status."""

    def __init__(self, status: int, *texts: str) -> None:
        super().__init__(status)
        self.status, self.texts = status, texts or ("not found",)


def in_format(view: Callable[..., Response]) -> Callable[..., Response]:
    """Return a view that answers in its format, as the standard has it, also what is refused."""

    @wraps(view)
    def answer(code: str, form: str, **values: Any) -> Response:
        if form not in FORMATS:
            raise NotFound(form)
        try:
            with reading() as db:
                where = sites.county(db, code)
            if request.values.get("jurisdiction_id", code) != code:
                raise RefusedRequest(404, "jurisdiction_id not found")
            return view(where, form, **values)
        except NotFound:
            return _refuse(form, 404, ["not found"])
        except RefusedRequest as refused:
            return _refuse(form, refused.status, refused.texts)

    return answer


@blueprint.get("/services.<form>")
@public
@in_format
def services(where: Unit, form: str) -> Response:
    """The kinds of reports."""
    with reading() as db:
        found = georeport.services(db, now())
    return _send(form, "services", [_service(one) for one in found])


@blueprint.get("/services/<service>.<form>")
@public
@in_format
def definition(where: Unit, form: str, service: str) -> Response:
    """What may be said beside the words."""
    with reading() as db:
        found = georeport.service(db, service, now())
    whole = {"service_code": found.name, "attributes": [_danger()]}
    return _send_one(form, "service_definition", whole)


@blueprint.get("/requests.<form>")
@public
@in_format
def requests(where: Unit, form: str) -> Response:
    """Public reports: by number, kind, day and state, page by page."""
    query = _query()
    with reading() as db:
        found = georeport.requests(db, where, query, now=now())
    return _send(form, "service_requests", [_request(one) for one in found])


@blueprint.get("/requests/<int:number>.<form>")
@public
@in_format
def one_request(where: Unit, form: str, number: int) -> Response:
    """One public report."""
    if number >= 2**63:
        raise NotFound(number)
    with reading() as db:
        found = georeport.requests(db, where, RequestQuery(ids=(number,)), now=now())
    if not found:
        raise NotFound(number)
    return _send(form, "service_requests", [_request(one) for one in found])


@blueprint.post("/requests.<form>")
@public
@in_format
def send_request(where: Unit, form: str) -> Response:
    """Take a report in from a program that has a key."""
    with reading() as db:
        key = georeport.key_of(db, where, request.form.get("api_key", ""))
    if key is None:
        raise RefusedRequest(403, "api_key was missing or is not valid")
    sent = _report()
    try:
        with reading() as db:
            georeport.service(db, sent.choice, now())
            reporting.check(db, where, sent, now=now())
        with transaction() as db:
            attempts.note(db, "report", {"key": str(key.id)}, now=now())
        with transaction() as db:
            receipt = reporting.receive(db, where, sent, now=now())
            georeport.count(db, key)
            mine = (Case.county_id == where.id, Case.number == receipt.number)
            case_id = db.scalar(select(Case.id).where(*mine))
    except attempts.TooOften as error:
        raise RefusedRequest(429, localize(error.text)) from error
    except InvalidInput as error:
        told = [f"{name}: {localize(text)}" for name, text in error.errors.items()]
        raise RefusedRequest(400, *told) from error
    except InvalidAnswers as error:
        raise RefusedRequest(400, *(f"{name}: invalid" for name in error.errors)) from error
    except NotFound:
        raise RefusedRequest(404, "service_code not found") from None
    except DomainError as error:
        raise RefusedRequest(400, localize(error.text)) from error
    row = {"service_request_id": str(case_id), "service_notice": "", "account_id": ""}
    return _send(form, "service_requests", [row], 201)


def _report() -> CitizenReport:
    """Return what was posted; the description is what a person typed."""
    given = request.form.get
    names = (given("last_name", "") + given("first_name", ""))[:30]
    longitude, latitude = _degrees("long", 180), _degrees("lat", 90)
    return CitizenReport(
        kind="report",
        choice=given("service_code", "")[:60],
        details=given("description", "")[:4000],
        once=secrets.token_hex(16),
        place=given("address_id", "")[:40],
        longitude=longitude if latitude is not None else None,
        latitude=latitude if longitude is not None else None,
        address=given("address_string", "")[:400],
        name=names,
        phone=given("phone", "")[:40],
        danger=given("attribute[danger]", "") == "yes",
    )


def _degrees(name: str, most: int) -> float | None:
    try:
        found = float(request.form.get(name, ""))
    except ValueError:
        return None
    return found if -most <= found <= most else None


def _query() -> RequestQuery:
    args = request.args
    states = frozenset(args.get("status", "open,closed").split(","))
    if not states <= STATES:
        raise RefusedRequest(400, "status is open, closed or both")
    ids = _numbers("service_request_id")
    services = tuple(one for one in args.get("service_code", "").split(",")[:50] if one)
    return RequestQuery(
        ids=ids,
        services=services,
        since=_moment("start_date"),
        until=_moment("end_date"),
        updated_since=_moment("updated_after"),
        updated_until=_moment("updated_before"),
        states=states,
        page=_whole("page", 1, 100_000),
        size=_whole("page_size", 50, georeport.MOST),
    )


def _numbers(name: str) -> tuple[int, ...]:
    texts = [one for one in request.args.get(name, "").split(",") if one]
    if not all(one.isascii() and one.isdigit() and len(one) < 19 for one in texts):
        raise RefusedRequest(404, f"{name} not found")
    return tuple(map(int, texts[:100]))


def _whole(name: str, default: int, most: int) -> int:
    text = request.args.get(name, str(default))
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= most):
        raise RefusedRequest(400, f"{name} is a whole number from 1 to {most}")
    return int(text[:9])


def _moment(name: str) -> datetime | None:
    """Return a moment as W3C has it; a day alone is in the zone of the county."""
    text = request.args.get(name, "")
    if not text:
        return None
    try:
        # A plus in an address is a blank to many.
        found = datetime.fromisoformat(text.strip().replace(" ", "+"))
    except ValueError:
        raise RefusedRequest(400, f"{name} is no date") from None
    if found.tzinfo is None:
        found = found.replace(tzinfo=ZoneInfo(settings.current().timezone))
    return found.astimezone(UTC)


def _service(one: CitizenChoice) -> Row:
    return {
        "service_code": one.name,
        "service_name": one.name,
        "description": one.name_en,
        "metadata": "true",
        "type": "realtime",
        "keywords": "",
        "group": one.category,
    }


def _danger() -> Row:
    values = [{"key": "yes", "name": "是"}, {"key": "no", "name": "否"}]
    return {
        "variable": "true",
        "code": "danger",
        "datatype": "singlevaluelist",
        "required": "false",
        "datatype_description": "",
        "order": 1,
        "description": "可能马上伤人、起火、塌陷",
        "values": values,
    }


def _request(one: PublicRequest) -> Row:
    return {
        "service_request_id": str(one.id),
        "status": "closed" if one.is_closed else "open",
        "status_notes": one.notes,
        "service_name": one.service.name,
        "service_code": one.service.name,
        "description": "",
        "agency_responsible": one.agency,
        "service_notice": "",
        "requested_datetime": _moment_text(one.requested_at),
        "updated_datetime": _moment_text(one.updated_at),
        "expected_datetime": _moment_text(one.expected_at) if one.expected_at else "",
        "address": one.place,
        "address_id": "",
        "zipcode": "",
        "lat": one.latitude,
        "long": one.longitude,
        "media_url": "",
    }


def _moment_text(moment: datetime) -> str:
    zone = ZoneInfo(settings.current().timezone)
    return moment.astimezone(zone).isoformat(timespec="seconds")


def _refuse(form: str, status: int, texts: Sequence[str]) -> Response:
    rows = [{"code": str(status), "description": text} for text in texts]
    return _send(form, "errors", rows, status)


def _send(form: str, root: str, rows: Sequence[Row], status: int = 200) -> Response:
    body = georeport_words.listing(form, root, rows)
    return downloads.data(body, georeport_words.MIME[form], status)


def _send_one(form: str, root: str, row: Row) -> Response:
    return downloads.data(georeport_words.single(form, root, row), georeport_words.MIME[form])
