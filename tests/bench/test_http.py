"""The benchmark over HTTP: real browsers' requests, every one accepted, beside the floor."""

from __future__ import annotations

from bench import http


def test_it_measures_requests_beside_the_floor(postgres_server: str) -> None:
    """Each with its rate, its slow ends, its bytes and its processor time."""
    measured = http.run(4)

    requests = {name: measured[name]["requests"] for name in ("complete", "start", "sign")}
    assert requests == {"complete": 4 * 5, "start": 5, "sign": 1}
    for part in ("complete", "start", "floor"):
        found = measured[part]
        assert 0 < found["p50_ms"] <= found["p95_ms"] <= found["p99_ms"]
        assert found["per_second"] > 0 and found["wal_bytes"] > 0 and found["cpu_ms"]["web"] > 0
    assert measured["floor"]["requests"] == 4 * 6


def test_it_asks_few_statements_a_request(postgres_server: str) -> None:
    """Session, seats and page included; a new statement is a decision."""
    with http.empty("postgresql") as here:
        found = http.statements(here, next(iter(http.people(here))))

    assert found == {"start": 13, "sign": 5, "complete": 4}
