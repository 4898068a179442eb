"""A way played to where it has come: what every move did, and what stands open now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from engine import settings
from engine.bpmn.errors import EngineFault
from engine.bpmn.nodes import Node
from engine.bpmn.step import Effect
from engine.bpmn.trial import BadScenario, CannotPlay, Scenario, ScenarioMove, TrialCase, make
from engine.bpmn.trial.scenario import MOST_MOVES
from engine.drafting.trials.county import TrialCounty, TrialQueue, place_of
from engine.drafting.trials.subject import TrialSubject
from engine.drafting.trials.trial_path import extended, impersonal
from engine.drafting.trials.upcoming import UpcomingEvent, UpcomingTask, all_moments, open_tasks
from engine.errors import DomainError, NotFound
from feel.text import Text
from forms import Form, InvalidAnswers

_LATE = "escalate"


@dataclass(frozen=True)
class TrialNotice:
    """Words that an action of the diagram would send, and to whom; no desk is the citizen."""

    effect: Effect
    desk: TrialQueue | None = None


@dataclass(frozen=True)
class PlayedMove:
    """One move with what came of it."""

    number: int
    move: ScenarioMove
    node: Node | None
    at: datetime
    tasks: tuple[UpcomingTask, ...] = ()
    notices: tuple[TrialNotice, ...] = ()
    events: tuple[UpcomingEvent, ...] = ()
    # Labels of questions that a real case would have insisted on.
    missing: tuple[Text, ...] = ()
    end: Node | None = None


@dataclass
class TrialRun:
    """A way as far as it could be played; ``failure`` says why it stops before its end."""

    subject: TrialSubject
    county: TrialCounty
    trial: TrialCase
    way: Scenario
    open: tuple[UpcomingTask, ...] = ()
    moves: list[PlayedMove] = field(default_factory=list)
    failure: Text | None = None
    errors: Mapping[str, tuple[Text, ...]] = field(default_factory=dict)

    @property
    def opened_at(self) -> datetime:
        """When the case was registered: with its first answers."""
        return self.moves[0].at if self.moves else self.way.start

    @property
    def moments(self) -> tuple[UpcomingEvent, ...]:
        """What will happen by itself, soonest first."""
        found = self._every() if self.moves else ()
        return tuple(one for one in found if one.at > self.trial.now or one.kind == "timer")

    def form(self, key: str) -> Form | None:
        """Return a form of what is tried."""
        return self.subject.version.form(key)

    def _every(self) -> tuple[UpcomingEvent, ...]:
        return all_moments(self.subject, self.trial, self.open, self.opened_at, self.county)

    def make(self, move: ScenarioMove) -> None:
        """Do one move and note what came of it. Raises what the trial raises."""
        before = {one.task.engine_id for one in self.open}
        since, moments, missing = self.trial.now, self._every(), self._missing(move)
        make(self.trial, move)
        self.open = open_tasks(self.subject, self.trial, self.county)
        nodes = self.subject.version.definition.nodes
        trial, moved = self.trial, move.do in ("clock", "timer")
        self.moves.append(
            PlayedMove(
                len(self.moves) + 1,
                move,
                self._node(move),
                trial.now,
                tuple(one for one in self.open if one.task.engine_id not in before),
                () if move.do == "clock" else tuple(self._notices()),
                tuple(_between(moments, since, trial.now)) if moved else (),
                missing,
                nodes.get(trial.end_node or "") if trial.ended else None,
            )
        )

    def _node(self, move: ScenarioMove) -> Node | None:
        nodes = self.subject.version.definition.nodes
        if move.do != "message":
            return nodes.get(move.node)
        events = (one for one in nodes.values() if one.event and one.event.kind == "message")
        return next((one for one in events if one.event and one.event.name == move.node), None)

    def _notices(self) -> Iterator[TrialNotice]:
        for effect in self.trial.effects:
            if effect.kind == "notify":
                data = effect.data
                unit, level = str(data.get("unit") or ""), str(data["level"])
                yield TrialNotice(effect, self.county.audience(unit, level, str(data["role"])))
            else:
                yield TrialNotice(effect)

    def _missing(self, move: ScenarioMove) -> tuple[Text, ...]:
        form = self.form(self._form_key(move))
        if form is None:
            return ()
        _clean, errors = form.tidy(move.answers, today=self.trial.today)
        asked = {field.name: field.label for field in form.fields}
        return tuple(asked[name] for name in errors if name in asked)

    def _form_key(self, move: ScenarioMove) -> str:
        node = self._node(move) if move.do in ("answer", "message") else None
        return node.form if node is not None else ""


def play(db: Session, subject: TrialSubject, way: Scenario, *, now: datetime) -> TrialRun:
    """Play a way as far as it goes. Raises NotFound where the county has no place at all.

    A move that cannot be made any more ends it; the moves after it are cut off.
    """
    place = place_of(db, way.place, way.level)
    if place is None:
        raise NotFound(way.place)
    tried = TrialRun(subject, TrialCounty(db, place, now), _trial(subject, way), way)
    tried.open = open_tasks(subject, tried.trial, tried.county)
    for number, move in enumerate(way.moves):
        try:
            _see_place(tried, db, now)
            tried.make(move)
        except InvalidAnswers as error:
            tried.errors = error.errors
            tried.failure = next(iter(error.errors.values()))[0]
        except (CannotPlay, EngineFault, DomainError) as error:
            tried.failure = error.text
        except BadScenario as error:
            tried.failure = error.text
        if tried.failure is not None:
            tried.way = replace(way, moves=way.moves[:number])
            break
    _see_place(tried, db, now)
    return tried


def turned(tried: TrialRun, target: datetime) -> Scenario:
    """Return the way with the clock turned, and with everything that goes off on the way there.

    Timers fire and rungs throw their escalation, each at its moment, as the worker would let
    them. Raises BadTrialPath where there are too many.
    """
    way, thrown = tried.way, set[tuple[datetime, str]]()
    for _ in range(MOST_MOVES):
        moves = _next_by_itself(tried, target, thrown)
        if moves is None:
            break
        way = extended(way, *moves)
    if target > tried.trial.now:
        way = extended(way, ScenarioMove("clock", "", to=_iso(target)))
    return way


def move_of_page(tried: TrialRun, do: str, node: str, answers: Mapping[str, Any]) -> ScenarioMove:
    """Return the move that a page asked for, with answers as a scenario may hold them.

    Raises forms.InvalidAnswers for an answer that is wrong; what was left out is no reason.
    """
    move = ScenarioMove(do, node)
    form = tried.form(tried._form_key(move))
    return replace(move, answers=impersonal(form, tried.trial.clean(form, answers)))


def _next_by_itself(
    tried: TrialRun, target: datetime, thrown: set[tuple[datetime, str]]
) -> tuple[ScenarioMove, ...] | None:
    for moment in tried.moments:
        if moment.at > target:
            return None
        if moment.kind == "timer" and moment.node is not None:
            move = ScenarioMove("timer", moment.node.id)
            tried.make(move)
            return (move,)
        if moment.rung is not None and moment.rung.act == _LATE and moment.task is not None:
            key = (moment.at, moment.task.engine_id)
            if key not in thrown:
                thrown.add(key)
                turn = ScenarioMove("clock", "", to=_iso(moment.at))
                late = ScenarioMove("late", moment.task.node_id)
                tried.make(turn)
                try:
                    tried.make(late)
                except CannotPlay:
                    # The diagram does not catch it; the rung has told somebody all the same.
                    return (turn,)
                return turn, late
    return None


def _trial(subject: TrialSubject, way: Scenario) -> TrialCase:
    return TrialCase(
        subject.version.definition,
        subject.version.forms,
        level=way.level,
        now=way.start,
        calendar=subject.works.calendar,
        levels=settings.current().levels,
        picture=subject.picture,
        place=way.place or None,
    )


def _see_place(tried: TrialRun, db: Session, now: datetime) -> None:
    """Answers may have moved the place: the units around it are others then."""
    code = tried.trial.context.place
    if code and code != tried.county.place.code:
        place = place_of(db, code, tried.way.level)
        if place is not None and place.code == code:
            tried.county = TrialCounty(db, place, now)
            tried.open = open_tasks(tried.subject, tried.trial, tried.county)


def _between(
    moments: tuple[UpcomingEvent, ...], since: datetime, until: datetime
) -> Iterator[UpcomingEvent]:
    for moment in moments:
        if since < moment.at <= until and moment.kind != "timer":
            yield moment


def _iso(moment: datetime) -> str:
    return moment.isoformat()
