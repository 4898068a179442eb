"""Deadlines in words: what is left, how late it is, which rule says so; in both languages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from engine.worktime.calendar import Calendar
from engine.worktime.limits import (
    Limit,
    Pause,
    Standstill,
    counting,
    deadline,
    elapsed,
    ending_day,
    is_provisional,
    last_day,
)
from feel import Text

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
UNIT_WORDS = {
    "hours": ("小时", "hour"),
    "working_hours": ("个工作小时", "working hour"),
    "working_days": ("个工作日", "working day"),
    "days": ("天", "day"),
    "months": ("个月", "month"),
    "years": ("年", "year"),
}


@dataclass(frozen=True)
class TimeLeft:
    """What lies between now and a deadline; every amount is negative once it has passed.

    `seconds` are real ones; `days` and `working_days` count from today, not included, to the
    deadline's last day, included.
    """

    now: datetime
    due: datetime
    seconds: int
    days: int
    working_days: int
    wording: Text

    @property
    def overdue(self) -> bool:
        """Whether the deadline has been reached."""
        return self.now >= self.due

    @property
    def hours(self) -> int:
        """Whole real hours left, or since."""
        return int(self.seconds / 3600)

    @property
    def minutes(self) -> int:
        """Whole real minutes left, or since."""
        return int(self.seconds / 60)


@dataclass(frozen=True)
class Explanation:
    """Why a deadline is when it is, and which day of the limit today is.

    `day_number` is 0 on the starting day, which is not counted; `of` is the limit's amount.
    """

    text: Text
    day_number: int
    of: int
    unit: str
    due: datetime
    provisional: bool


def remaining(now: datetime, due: datetime, calendar: Calendar) -> TimeLeft:
    """Measure what is left until a deadline, or how long ago it was."""
    today, last = calendar.local(now).date(), ending_day(due, calendar)
    number = calendar.working_days_until
    working_days = number(last) - number(today)
    seconds = round((due - now).total_seconds())
    return TimeLeft(
        now=now,
        due=due,
        seconds=seconds,
        days=(last - today).days,
        working_days=working_days,
        wording=_wording(now, due, working_days, calendar),
    )


def late_text(now: datetime, due: datetime, unit: str, calendar: Calendar) -> Text | None:
    """Return the lateness in the unit of the limit: 超期 2 个工作日, 超期 3 个工作小时.

    None where less than one such unit has passed, or the unit is real hours.
    """
    if unit == "working_days":
        last, number = ending_day(due, calendar), calendar.working_days_until
        count = number(calendar.local(now).date()) - number(last)
    elif unit == "working_hours":
        count = (calendar.office_time(now) - calendar.office_time(due)) // timedelta(hours=1)
    elif unit == "days":
        count = (calendar.local(now).date() - ending_day(due, calendar)).days
    else:
        count = 0
    if count < 1:
        return None
    amount = limit_text(Limit(count, unit))
    return Text(f"超期 {amount.zh}", f"overdue by {amount.en}")


def span_text(span: TimeLeft) -> Text:
    """Return the remaining time in words: 还剩 2 个工作日, 今天 17:30, 超期 3 小时."""
    return span.wording


def _wording(now: datetime, due: datetime, working_days: int, calendar: Calendar) -> Text:
    if now >= due:
        late = now - due
        if late < timedelta(minutes=1):
            return Text("刚刚超期", "overdue since just now")
        amount = _largest_unit(late)
        return Text(f"超期 {amount.zh}", f"overdue by {amount.en}")
    left = due - now
    if left <= timedelta(hours=1):
        return _time_left(Text(*_amount(-(-left // timedelta(minutes=1)), "分钟", "minute")))
    if working_days >= 1 and ending_day(due, calendar) > calendar.local(now).date():
        return _time_left(limit_text(Limit(working_days, "working_days")))
    return moment_text(due, now, calendar)


def _time_left(amount: Text) -> Text:
    return Text(f"还剩 {amount.zh}", f"{amount.en} left")


def moment_text(
    moment: datetime, now: datetime, calendar: Calendar, *, ending: bool = True
) -> Text:
    """Return a time in words: 今天 17:30, 明天 09:00, 11月22日 16:00, with the year if it differs.

    Midnight is said as 24:00 of the day that it ends, as a deadline means it, unless the moment
    is not the `ending` of something.
    """
    local, today = calendar.local(moment), calendar.local(now).date()
    midnight = ending and local.time() == time(0)
    day = ending_day(moment, calendar) if midnight else local.date()
    clock = "24:00" if midnight else local.strftime("%H:%M")
    words = {-1: ("昨天", "yesterday"), 0: ("今天", "today"), 1: ("明天", "tomorrow")}
    near = words.get((day - today).days)
    zh, en = near if near else _day(day, None if day.year == today.year else day.year)
    return Text(f"{zh} {clock}", f"{en} {clock}")


def duration_text(length: timedelta) -> Text:
    """Return a duration in words: 2 小时 10 分, 3 天 4 小时; the two largest units."""
    minutes = max(int(length.total_seconds() // 60), 0)
    if not minutes:
        return Text("不到 1 分钟", "less than a minute")
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    parts = [
        _amount(count, zh, en)
        for count, zh, en in (
            (days, "天", "day"),
            (hours, "小时", "hour"),
            (minutes, "分", "minute"),
        )
        if count
    ][:2]
    return Text(" ".join(zh for zh, _ in parts), " ".join(en for _, en in parts))


def limit_text(limit: Limit) -> Text:
    """Return a limit in words: 3 个工作日, 3 working days; zero is "the same day"."""
    if limit.amount == 0 and limit.unit in ("days", "working_days"):
        return Text("当日", "the same day")
    return Text(*_amount(limit.amount, *UNIT_WORDS[limit.unit]))


def explain(
    start: datetime,
    limit: Limit,
    calendar: Calendar,
    now: datetime,
    *,
    pauses: Iterable[Pause] = (),
) -> Explanation:
    """Explain a deadline in one paragraph, with the articles it follows."""
    pauses = list(pauses)
    due = deadline(start, limit, calendar, pauses=pauses)
    sentences = [
        _how_counted(start, limit, now, calendar),
        *_how_moved(start, limit, calendar, pauses),
        _how_ended(limit, due, now, calendar),
    ]
    provisional = is_provisional(start, due, calendar)
    if provisional:
        sentences.append(
            Text(
                "其中有年份的放假安排尚未公布，暂按周一至周五和法定节日推算，公布后重新计算",
                "the holidays of a year in it are not published yet: Monday to Friday without the"
                " statutory holidays is assumed, and the deadline is computed again when they are",
            )
        )
    return Explanation(
        text=Text(
            "；".join(s.zh for s in sentences) + "。", "; ".join(s.en for s in sentences) + "."
        ),
        day_number=elapsed(start, now, limit.unit, calendar, pauses=pauses),
        of=limit.amount,
        unit=limit.unit,
        due=due.astimezone(UTC),
        provisional=provisional,
    )


def _how_counted(start: datetime, limit: Limit, now: datetime, calendar: Calendar) -> Text:
    amount, begun = limit_text(limit), moment_text(start, now, calendar, ending=False)
    if limit.unit in ("hours", "working_hours"):
        return Text(
            f"期限 {amount.zh}，自 {begun.zh} 起算（民法典第二百零一条）",
            f"limit {amount.en}, running from {begun.en} (Civil Code art. 201)",
        )
    if limit.amount == 0:
        return Text(f"期限 {amount.zh}，{begun.zh} 开始", f"limit {amount.en}, begun {begun.en}")
    return Text(
        f"期限 {amount.zh}，{begun.zh} 开始，当日不计入（民法典第二百零一条）",
        f"limit {amount.en}, begun {begun.en}; that day is not counted (Civil Code art. 201)",
    )


def _how_moved(
    start: datetime, limit: Limit, calendar: Calendar, pauses: list[Pause]
) -> list[Text]:
    stops = counting(start, limit, calendar, pauses)
    said = []
    if stops:
        length = duration_text(sum((b - a for a, b in stops), timedelta(0)))
        said.append(Text(f"因暂停 {length.zh} 顺延", f"moved on by pauses of {length.en}"))
    if limit.unit in ("days", "months", "years"):
        last = last_day(start, limit, calendar, Standstill.over(stops, calendar))
        if not calendar.is_working(last):
            zh, en = _day(last, None)
            said.append(
                Text(
                    f"最后一日 {zh} 是休息日，顺延至下一个工作日（第二百零三条）",
                    f"its last day, {en}, is a day off, so the next working day is the last"
                    " (art. 203)",
                )
            )
    return said


def _how_ended(limit: Limit, due: datetime, now: datetime, calendar: Calendar) -> Text:
    when = moment_text(due, now, calendar)
    if limit.unit == "working_days" or (calendar.ends_at_close and "hours" not in limit.unit):
        return Text(
            f"至{when.zh}下班时止（第二百零三条）",
            f"it ends {when.en}, at the close of office hours (art. 203)",
        )
    return Text(f"至{when.zh}止", f"it ends {when.en}")


def _largest_unit(length: timedelta) -> Text:
    minutes = int(length.total_seconds() // 60)
    if minutes < 60:
        return Text(*_amount(minutes, "分钟", "minute"))
    if minutes < 24 * 60:
        return Text(*_amount(minutes // 60, "小时", "hour"))
    return Text(*_amount(minutes // (24 * 60), "天", "day"))


def _amount(count: int, zh: str, en: str) -> tuple[str, str]:
    return f"{count} {zh}", f"{count} {en}{'' if count == 1 else 's'}"


def _day(day: date, year: int | None) -> tuple[str, str]:
    zh, en = f"{day.month}月{day.day}日", f"{day.day} {MONTHS[day.month - 1]}"
    return (f"{year}年{zh}", f"{en} {year}") if year else (zh, en)
