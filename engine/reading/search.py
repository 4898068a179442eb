"""Finding cases by words: an index of pairs of neighbouring characters, kept by the database.

Chinese has no spaces, and the words looked for are short: of ``南湖小区`` the pairs 南湖, 湖小 and
小区 are indexed, so that any part of two characters or more is found without reading every case.
The index holds number, title, place and the number that a case had outside, nothing personal,
and triggers keep it: who writes a case by whichever way cannot forget it. What it finds is a
candidate; the words themselves decide.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    and_,
    cast,
    column,
    false,
    literal,
    literal_column,
    or_,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from engine.models import Case, CaseNumber

LONGEST = 100
NUMBER = re.compile(r"\w{1,8}〔[0-9]{4}〕[0-9]{4,}")
SEARCHED = (Case.number, Case.title, Case.place_name, Case.source)
INDEX = table("case_search", column("case_id"), column("terms"))


@dataclass(frozen=True)
class Found:
    """What the words find: candidates to join by ``Case.id``, and what decides among them."""

    hits: Subquery
    conditions: tuple[ColumnElement[bool], ...]


def numbered(text: str) -> ColumnElement[bool] | None:
    """Return the case of that very number, by its key; None unless ``text`` looks like a whole
    one.
    """
    if NUMBER.fullmatch(text) is None:
        return None
    # Numbers are kept by county: with all of them named the key finds it, however many cases.
    counties = select(CaseNumber.county_id).distinct()
    return and_(Case.county_id.in_(counties), Case.number == text)


def found(text: str, dialect: str) -> Found | None:
    """Return the cases in whose numbers, title or place each word occurs; None for no words at all.

    The hits come newest first, before anything is asked about a case: of a word that occurs in
    every tenth case a page is looked at, and not all of them.
    """
    words = text[:LONGEST].split()
    if not words:
        return None
    terms = [term for word in words for term in _terms(word)]
    if not terms:
        # Neither letters nor digits: no case is called that.
        return Found(select(Case.id.label("case_id")).where(false()).subquery("hits"), ())
    looked_up = _postgres(terms) if dialect == "postgresql" else _sqlite(terms)
    return Found(looked_up, tuple(_contains(word) for word in words))


def _contains(word: str) -> ColumnElement[bool]:
    return or_(*(one.icontains(word, autoescape=True) for one in SEARCHED))


def _terms(word: str) -> list[str]:
    """Return the pairs of a word; of a single character, what begins with it (``*``)."""
    pairs = [a + b for a, b in zip(word, word[1:], strict=False) if (a + b).isalnum()]
    if pairs:
        return [_lower(pair) for pair in dict.fromkeys(pairs)]
    return [f"{_lower(one)}*" for one in word if one.isalnum()][:1]


def _lower(text: str) -> str:
    """As both databases do it: ASCII letters alone."""
    return "".join(one.lower() if one.isascii() else one for one in text)


def _postgres(terms: Iterable[str]) -> Subquery:
    wanted = " & ".join(
        f"'{term.removesuffix('*')}'{':*' if term.endswith('*') else ''}" for term in terms
    )
    matches = INDEX.c.terms.op("@@")(cast(literal(wanted), TSQUERY))
    # The offset keeps the planner from giving up the order.
    return _newest_first(INDEX.c.case_id, matches).offset(0).subquery("hits")


def _sqlite(terms: Iterable[str]) -> Subquery:
    wanted = " AND ".join(
        f'"{term.removesuffix("*")}"{"*" if term.endswith("*") else ""}' for term in terms
    )
    matches = literal_column("case_search").op("MATCH")(wanted)
    return _newest_first(literal_column("case_search.rowid"), matches).subquery("hits")


def _newest_first(case_id: ColumnElement[Any], matches: ColumnElement[bool]) -> Select[Any]:
    hits = select(case_id.label("case_id")).select_from(INDEX).where(matches)
    return hits.order_by(case_id.desc())


def making(dialect: str) -> tuple[str, ...]:
    """Return the statements that make the index and fill it with what is there."""
    return _MAKING[dialect]


def dropping(dialect: str) -> tuple[str, ...]:
    """Return the statements that drop it."""
    return _DROPPING[dialect]


def _of(row: str, find: str = "instr") -> str:
    """Return the words of a row; of its source what follows the name of the ledger."""
    words = " || ' ' || ".join(f"{row}.{name}" for name in ("number", "title", "place_name"))
    outside = f"substr({row}.source, {find}({row}.source, ':') + 1)"
    return f"{words} || coalesce(' ' || {outside}, '')"


# Every pair, and the last character by itself, so that one character is found wherever it stands.
_PAIRS_IN_SQLITE = (
    "(SELECT group_concat(substr(lower({words}), at, 2), ' ') FROM place_in_text"
    " WHERE at <= length({words}))"
)


def _pairs(row: str) -> str:
    return _PAIRS_IN_SQLITE.format(words=_of(row))


_MAKING: dict[str, tuple[str, ...]] = {
    "postgresql": (
        """CREATE FUNCTION case_terms(words text) RETURNS tsvector LANGUAGE sql IMMUTABLE AS $$
          SELECT coalesce(array_to_tsvector(array_agg(DISTINCT pair)), ''::tsvector)
          FROM (SELECT substr(lower(words COLLATE "C"), at, 2) AS pair
                FROM generate_series(1, length(words)) AS at) AS pairs
          WHERE pair !~ '[[:space:]]'
        $$""",
        "CREATE TABLE case_search (case_id bigint PRIMARY KEY"
        ' REFERENCES "case" (id) ON DELETE CASCADE, terms tsvector NOT NULL)',
        f'INSERT INTO case_search SELECT id, case_terms({_of("one", "strpos")}) FROM "case" AS one',
        "CREATE INDEX ix_case_search_terms ON case_search USING gin (terms)",
        f"""CREATE FUNCTION note_case_terms() RETURNS trigger LANGUAGE plpgsql AS $$
          BEGIN
            INSERT INTO case_search VALUES (NEW.id, case_terms({_of("NEW", "strpos")}))
            ON CONFLICT (case_id) DO UPDATE SET terms = excluded.terms;
            RETURN NULL;
          END
        $$""",
        "CREATE TRIGGER note_case_terms AFTER INSERT OR UPDATE OF number, title, place_name, source"
        ' ON "case" FOR EACH ROW EXECUTE FUNCTION note_case_terms()',
    ),
    "sqlite": (
        # A trigger may read a view, but not count by itself.
        "CREATE VIEW place_in_text AS WITH RECURSIVE counted(at) AS"
        " (SELECT 1 UNION ALL SELECT at + 1 FROM counted WHERE at < 600) SELECT at FROM counted",
        "CREATE VIRTUAL TABLE case_search USING fts5(terms, content='')",
        f'INSERT INTO case_search (rowid, terms) SELECT id, {_pairs("one")} FROM "case" AS one',
        'CREATE TRIGGER note_new_case_terms AFTER INSERT ON "case" BEGIN'
        f" INSERT INTO case_search (rowid, terms) VALUES (NEW.id, {_pairs('NEW')}); END",
        "CREATE TRIGGER note_case_terms AFTER UPDATE OF number, title, place_name, source"
        ' ON "case" BEGIN'
        " INSERT INTO case_search (case_search, rowid, terms)"
        f" VALUES ('delete', OLD.id, {_pairs('OLD')});"
        f" INSERT INTO case_search (rowid, terms) VALUES (NEW.id, {_pairs('NEW')}); END",
        'CREATE TRIGGER forget_case_terms AFTER DELETE ON "case" BEGIN'
        " INSERT INTO case_search (case_search, rowid, terms)"
        f" VALUES ('delete', OLD.id, {_pairs('OLD')}); END",
    ),
}
_DROPPING: dict[str, tuple[str, ...]] = {
    "postgresql": (
        'DROP TRIGGER note_case_terms ON "case"',
        "DROP FUNCTION note_case_terms()",
        "DROP TABLE case_search",
        "DROP FUNCTION case_terms(text)",
    ),
    "sqlite": (
        "DROP TRIGGER forget_case_terms",
        "DROP TRIGGER note_case_terms",
        "DROP TRIGGER note_new_case_terms",
        "DROP TABLE case_search",
        "DROP VIEW place_in_text",
    ),
}
