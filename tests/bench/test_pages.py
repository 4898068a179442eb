"""The pages' benchmark measures the pages that it names, at the sizes asked for."""

from __future__ import annotations

from bench import insight, pages, search

LITTLE = pages.Effort(people=2, rounds=1)


def test_it_measures_every_page() -> None:
    """Milliseconds and statements of each; the frame alone asks less than a page with a list."""
    (found,) = pages.run((60,), "sqlite", LITTLE)["sizes"].values()

    assert found.keys() == pages.PAGES.keys()
    for page in found.values():
        assert 0 < page["p50_ms"] <= page["p95_ms"] <= page["p99_ms"]
    assert found["frame"]["statements"] < found["workbench"]["statements"] <= 8


def test_it_puts_the_largest_inbox_on_top() -> None:
    """With the keys that are promised, the floor beside them."""
    measured = pages.inbox((60, 90), "sqlite", LITTLE)

    assert measured.keys() >= {"p50_ms", "p95_ms", "statements", "floor_ms", "p95_growth"}
    assert measured["cases"] == 90 and measured["sizes"]["90"]["p95_ms"] == measured["p95_ms"]


def test_it_measures_the_search_by_kind_of_question() -> None:
    """Milliseconds by person and kind beside the floor, and how often the right case is first."""
    (found,) = search.run((60,), "sqlite")["sqlite"].values()

    assert found.keys() == {"county", "township", "grid", "relevance"}
    for kinds in (found["county"], found["township"], found["grid"]):
        assert "floor" in kinds and all(
            0 < one["p50_ms"] <= one["p95_ms"] for one in kinds.values()
        )
    assert found["relevance"].keys() == search.VARIANTS.keys()
    assert found["relevance"]["itself"]["first"] == 1


def test_it_measures_the_pages_of_sight() -> None:
    """Each page for a month and for a year beside the frame."""
    (found,) = insight.run((60,), "sqlite", LITTLE)["sizes"].values()

    assert found.keys() == {"frame", *insight.PAGES}
    for page in found.values():
        assert 0 < page["p50_ms"] <= page["p95_ms"] <= page["p99_ms"]
    assert found["frame"]["statements"] < found["map_open"]["statements"] <= 14
