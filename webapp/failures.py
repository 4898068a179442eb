"""Error pages, and the one place where domain errors become HTTP answers."""

from __future__ import annotations

import errno

from flask import Flask, current_app, jsonify, render_template, session
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError, OperationalError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.wrappers import Response

from engine.bpmn.check import CheckUnavailable
from engine.errors import DomainError, Incident, InvalidInput, NotAllowed, NotFound
from engine.records import attachments
from feel.text import Text
from forms import InvalidAnswers
from webapp import locales, logs, refusals, resubmission
from webapp.locales import localize
from webapp.statuses import status_of

Answer = tuple[str | Response, int] | tuple[str | Response, int, dict[str, str]]
UNIQUE_VIOLATION = "23505"
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def init_app(app: Flask) -> None:
    """Register the error pages."""
    app.register_error_handler(CSRFError, lambda _error: resubmission.lost_session())
    app.register_error_handler(DomainError, domain_error)
    app.register_error_handler(InvalidAnswers, invalid_answers)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(OperationalError, database_away)
    app.register_error_handler(IntegrityError, overtaken)
    app.register_error_handler(OSError, disk_refuses)
    app.register_error_handler(Exception, unforeseen)


def domain_error(error: DomainError) -> Answer:
    """Return a refusal in the words of the domain; 404 never says whether the thing exists."""
    status = status_of(error)
    if status == 404:
        return not_found()
    if isinstance(error, Incident):
        logs.failure(error)
    if isinstance(error, InvalidInput) and resubmission.wants_json():
        errors = {path: [localize(text)] for path, text in error.errors.items()}
        said = {"message": localize(error.text), "request_id": logs.request_id()}
        body = jsonify(error=_title(status), errors=errors, **said)
        return body, status
    if isinstance(error, CheckUnavailable):
        # Nothing was kept, and whoever sends it again in a moment is heard.
        return *_answer(status, _("检查程序正忙"), error.text), {"Retry-After": "5"}
    if isinstance(error, NotAllowed) and not resubmission.wants_json():
        return _answer(status, _title(status), "\n".join(refusals.explained(error)))
    return _answer(status, _title(status), error.text)


def invalid_answers(error: InvalidAnswers) -> Answer:
    """Answers that a form refuses, for a caller without a page to show them on."""
    errors = {path: [localize(text) for text in texts] for path, texts in error.errors.items()}
    body = jsonify(error=_title(422), message=_("请检查标出的内容。"), errors=errors)
    return body, 422


def not_found() -> Answer:
    """Return the same page for what is missing and for what is hidden."""
    return _answer(404, _("未找到"), NotFound.text)


def http_error(error: HTTPException) -> Answer | HTTPException:
    """Errors of the web itself: unknown address, wrong method, too large a body."""
    status = error.code or 500
    if status < 400 or status == 416:
        # A redirect; or a player that asks beyond the end and wants to know where that is.
        return error
    if status == 404:
        return not_found()
    if isinstance(error, RequestEntityTooLarge):
        return _answer(413, _("内容太大"), attachments.too_large())
    if status == 405:
        body = _answer(405, _("无法打开"), _("该地址只能通过页面按钮提交。"))[0]
        allowed = {"Allow": ", ".join(sorted(getattr(error, "valid_methods", None) or ()))}
        return body, 405, allowed
    details = getattr(error, "data", None) or {}
    if resubmission.wants_json() and details.get("messages"):
        body = jsonify(error=_title(status), message=_("请求有误"), errors=details["messages"])
        return body, status
    return _answer(status, _("请求有误"), _("请返回上一页重试。"))


def database_away(error: OperationalError) -> Answer:
    """The database cannot be reached: nothing was written, trying again is safe."""
    logs.failure(error)
    with force_locale(session.get(locales.SHOWN) or locales.wished()):
        text = _("暂时无法连接数据库，操作未生效，请稍后重试。")
        return _plain_answer(503, _("系统暂时不可用"), text)


def overtaken(error: IntegrityError) -> Answer:
    """Somebody else wrote the same at the same moment, and the database let one of both in.

    Every other rule that it holds is ours to look after first: a fault.
    """
    cause = error.orig
    unique = getattr(cause, "sqlite_errorname", "").endswith(("_UNIQUE", "_PRIMARYKEY"))
    if not unique and getattr(cause, "sqlstate", "") != UNIQUE_VIOLATION:
        return unforeseen(error)
    logs.failure(error)
    with force_locale(session.get(locales.SHOWN) or locales.wished()):
        text = _("刚刚有人做了同样的改动，您的操作未生效，请返回核对后再试。")
        return _plain_answer(409, _("已有变化"), text)


def disk_refuses(error: OSError) -> Answer:
    """No room for a file, most likely: nothing was kept of it, and trying again is safe."""
    if error.errno not in NO_ROOM:
        return unforeseen(error)
    logs.failure(error)
    with force_locale(session.get(locales.SHOWN) or locales.wished()):
        text = _("服务器磁盘空间不足，文件未保存，操作未生效。请告知管理员，稍后重试。")
        return _plain_answer(503, _("磁盘空间不足"), text)


def unforeseen(error: Exception) -> Answer:
    """A fault of ours: logged without its words, shown with the id that finds it in the log."""
    logs.failure(error)
    with force_locale(session.get(locales.SHOWN) or locales.wished()):
        text = _("操作未生效。请将以下编号告知管理员。")
        return _plain_answer(500, _("系统出错"), text)


def _plain_answer(status: int, title: str, text: str) -> Answer:
    """Return a page without its frame: the frame asks the database, which may be what failed."""
    known = {"title": title, "text": text, "request_id": logs.request_id()}
    if resubmission.wants_json():
        return jsonify(error=title, message=text, request_id=known["request_id"]), status
    return current_app.jinja_env.get_template("errors/plain.html").render(**known), status


def _title(status: int) -> str:
    titles = {
        403: _("无法进行此操作"),
        409: _("已有变化"),
        503: _("流程在此中断"),
    }
    return titles.get(status) or _("未能完成")


def _answer(status: int, title: str, text: Text | str) -> tuple[str | Response, int]:
    words = localize(text)
    if resubmission.wants_json():
        body = jsonify(error=title, message=words, request_id=logs.request_id())
        return body, status
    page = render_template(
        "errors/error.html", status=status, title=title, text=words, request_id=logs.request_id()
    )
    return page, status
