"""``/metrics`` for Prometheus: how the installation fares, and how long its pages take.

For whoever brings the token; for everybody else, the machine itself too, it is not there.
"""

from __future__ import annotations

import hmac
import os
import time
from collections.abc import Iterator

from flask import Blueprint, Flask, Response, current_app, g, request
from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from engine.errors import NotFound
from engine.operations import vitals
from engine.storage.db import reading
from webapp.account.people import public
from webapp.clock import now
from webapp.logs import failure

blueprint = Blueprint("metrics", __name__)
TOOK = Histogram(
    "fengqiao_request_seconds",
    "How long answers took, by page.",
    ("page", "method", "status"),
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=None,
)


def init_app(app: Flask) -> None:
    """Measure every request."""
    app.before_request(_begin)
    app.after_request(_end)


@blueprint.get("/metrics")
@public
def metrics() -> Response:
    """Everything that is measured, in Prometheus' text format."""
    if not _may_read():
        raise NotFound()
    registry = CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        # Each process counts in files of its own; their sum is what the service did.
        MultiProcessCollector(registry)
    else:
        registry.register(TOOK)
    registry.register(Installation())
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


class Installation(Collector):
    """What the database and the disk say at the moment of asking."""

    def collect(self) -> Iterator[Metric]:
        """Yield every figure; without a database only that there is none."""
        try:
            with reading() as db:
                found, queues = vitals.look(db, now()), vitals.queues(db)
        except SQLAlchemyError as error:
            failure(error)
            yield _gauge("database_up", "Whether the database answers.", 0)
            return
        yield _gauge("database_up", "Whether the database answers.", 1)
        yield from _of_queues(found)
        yield from _of_worker(found)
        yield from _of_keeping(found)
        by_unit = GaugeMetricFamily(
            "fengqiao_tasks", "Open tasks by unit.", labels=("unit", "process", "measure")
        )
        for code, process, measure, amount in queues:
            by_unit.add_metric((code, process, measure), amount)
        yield by_unit


def _of_queues(found: vitals.Vitals) -> Iterator[Metric]:
    for name, what in (
        ("due", "moments that have come and were not worked off"),
        ("outbox", "messages in the house that were not delivered"),
        ("deliveries", "messages that did not leave the house yet"),
        ("incidents", "incidents that nobody has solved"),
    ):
        queue = getattr(found, name)
        yield _gauge(name, f"Number of {what}.", queue.count)
        yield _gauge(f"{name}_lag_seconds", f"Age of the oldest of the {what}.", _s(queue.lag))
    dead = GaugeMetricFamily("fengqiao_dead_letters", "Messages given up.", labels=("side",))
    dead.add_metric(("inside",), found.dead_inside)
    dead.add_metric(("outside",), found.dead_outside)
    yield dead
    held = found.hold.count if found.hold is not None else 0
    yield _gauge("held", "Moments that a jump of the clock holds.", held)
    yield _gauge("empty_queues", "Tasks that wait where nobody sits.", found.empty_queues.count)
    yield _gauge(
        "channels_in_trouble", "Channels failing for an hour.", len(found.channels_in_trouble)
    )


def _of_worker(found: vitals.Vitals) -> Iterator[Metric]:
    age = GaugeMetricFamily("fengqiao_tick_age_seconds", "Since each tick ended.", labels=("tick",))
    took = GaugeMetricFamily("fengqiao_tick_seconds", "How long it took.", labels=("tick",))
    for name, tick in found.ticks.items():
        # One that a clock set back has left in the future is as old as it is far away.
        age.add_metric((name,), _s(abs(found.at - tick.at)))
        took.add_metric((name,), tick.took_ms / 1000)
    yield age
    yield took


def _of_keeping(found: vitals.Vitals) -> Iterator[Metric]:
    if found.backup_at is not None:
        yield _gauge("backup_age_seconds", "Since the last backup.", _s(found.at - found.backup_at))
    yield _gauge("disk_free_bytes", "Room left beside the files.", found.disk_free)
    yield _gauge("disk_bytes", "Size of that disk.", found.disk_total)
    yield _gauge("migrations_current", "Whether tables fit.", found.revision == found.head)


def _gauge(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"fengqiao_{name}", words, value=value)


def _s(lag: object) -> float:
    return float(lag.total_seconds())  # type: ignore[attr-defined]


def _may_read() -> bool:
    token = current_app.config["FENGQIAO"].metrics_token
    given = request.headers.get("Authorization", "")
    return bool(token) and hmac.compare_digest(given.encode(), f"Bearer {token}".encode())


def _begin() -> None:
    g.measured_from = time.perf_counter()


def _end(response: Response) -> Response:
    if request.endpoint not in (None, "static", "metrics.metrics"):
        took = time.perf_counter() - g.get("measured_from", time.perf_counter())
        # By the class of the answer: a page has few, and each has buckets of its own.
        TOOK.labels(request.endpoint, request.method, f"{response.status_code // 100}xx").observe(
            took
        )
    return response
