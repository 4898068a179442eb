"""The index of words, kept by the database itself: its tables and triggers.

Chinese has no spaces, and the words looked for are short: of 南湖小区 the pairs 南湖, 湖小 and 小区
are indexed, so that any part of two characters or more is found without reading every case;
beside them pairs of syllables and triples of initials. Of a case it holds number, title, place and
the number that it had outside, nothing personal. Triggers keep it: who writes a case by whichever
way cannot forget it.
"""

# ruff: noqa: S608
# Every statement is made of constants of this module.

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, text

from engine.reading import folding
from engine.reading.search_text import BLOCK, INITIALS, PHRASE, SHIFTS

WORDS = ("number", "title", "place_name")
# Sources that are no ledgers of others.
OWN_SOURCES = ("form:", "outbox:")
# Rows of the tables of characters that go in one statement.
AT_ONCE = 400


def make(connection: Connection) -> None:
    """Make the index in place of any older one, and fill it with what is there."""
    drop(connection)
    dialect = connection.dialect.name
    _run(connection, _TABLES[dialect])
    _fill(connection, "case_search_character", "one, folded", folding.rows())
    _fill(connection, "case_search_sound", "one, sound", folding.sound_rows())
    if dialect == "postgresql":
        connection.execute(text("ANALYZE case_search_character"))
        connection.execute(text("ANALYZE case_search_sound"))
    _run(connection, _KEEPING[dialect])


def drop(connection: Connection) -> None:
    """Drop it, of whichever form it is."""
    _run(connection, _DROPPING[connection.dialect.name])


def _run(connection: Connection, statements: Iterable[str]) -> None:
    for statement in statements:
        connection.exec_driver_sql(statement)


def _fill(
    connection: Connection, table: str, columns: str, rows: Iterable[tuple[str, str]]
) -> None:
    known = list(rows)
    for at in range(0, len(known), AT_ONCE):
        some = known[at : at + AT_ONCE]
        listed = ", ".join(f"(:a{n}, :b{n})" for n in range(len(some)))
        values = {f"a{n}": one for n, (one, _) in enumerate(some)}
        values |= {f"b{n}": other for n, (_, other) in enumerate(some)}
        connection.execute(text(f"INSERT INTO {table} ({columns}) VALUES {listed}"), values)


def _folded(row: str, fold: str, find: str) -> str:
    """Return the folded words of a row, parted by spaces; of its source what follows the name of
    the ledger.

    A form's own word is no number that anybody looks for, and says who opened the case.
    """
    words = [f"{row}.{name}" for name in WORDS]
    own = " OR ".join(f"substr({row}.source, 1, {len(one)}) = '{one}'" for one in OWN_SOURCES)
    number = f"coalesce(substr({row}.source, {find}({row}.source, ':') + 1), '')"
    words.append(f"CASE WHEN {own} THEN '' ELSE {number} END")
    return " || ' ' || ".join(fold.format(text=one) for one in words)


# Every pair, and the last character by itself, so that one character is found wherever it stands.
_TERMS = f"""
  SELECT substr({{words}}, at, 2) AS term FROM {{places}}
  WHERE at <= length({{words}}) AND substr({{words}}, at, 1) <> ' '
  UNION SELECT '{PHRASE}' || a.sound || b.sound FROM {{places}}
  JOIN case_search_sound AS a ON a.one = substr({{words}}, at, 1)
  JOIN case_search_sound AS b ON b.one = substr({{words}}, at + 1, 1)
  WHERE at < length({{words}})
  UNION SELECT '{INITIALS}' || substr(a.sound, 1, 1) || substr(b.sound, 1, 1)
  || substr(c.sound, 1, 1) FROM {{places}}
  JOIN case_search_sound AS a ON a.one = substr({{words}}, at, 1)
  JOIN case_search_sound AS b ON b.one = substr({{words}}, at + 1, 1)
  JOIN case_search_sound AS c ON c.one = substr({{words}}, at + 2, 1)
  WHERE at < length({{words}}) - 1"""

_FOLD_IN_SQLITE = (
    "coalesce((SELECT group_concat(coalesce(c.folded, substr({text}, at, 1)), '')"
    " FROM case_search_place LEFT JOIN case_search_character AS c ON c.one = substr({text}, at, 1)"
    " WHERE at <= length({text})), '')"
)


def _lite_words(row: str) -> str:
    return _folded(row, _FOLD_IN_SQLITE, "instr")


def _lite_terms(row: str) -> str:
    terms = _TERMS.format(words=f"{row}.words", places="case_search_place")
    return f"(SELECT group_concat(term, ' ') FROM ({terms}))"


_BLOCKS = ", ".join(f"'{BLOCK}{shift}x' || (id >> {shift})" for shift in SHIFTS)
_CHANGED = "number, title, place_name, source"
_CHARACTERS = (
    "CREATE TABLE case_search_character (one text PRIMARY KEY, folded text NOT NULL){}",
    "CREATE TABLE case_search_sound (one text, sound text NOT NULL, PRIMARY KEY (one, sound)){}",
)

_TABLES: dict[str, tuple[str, ...]] = {
    "postgresql": (
        *(one.format("") for one in _CHARACTERS),
        "CREATE TABLE case_search (case_id bigint PRIMARY KEY"
        ' REFERENCES "case" (id) ON DELETE CASCADE,'
        " words text NOT NULL, terms tsvector NOT NULL)",
    ),
    "sqlite": (
        *(one.format(" WITHOUT ROWID") for one in _CHARACTERS),
        # A trigger cannot count by itself, and counting on for each would cost more than the rest.
        "CREATE TABLE case_search_place (at integer PRIMARY KEY)",
        "INSERT INTO case_search_place WITH RECURSIVE counted(at) AS"
        " (SELECT 1 UNION ALL SELECT at + 1 FROM counted WHERE at < 600) SELECT at FROM counted",
        "CREATE TABLE case_search_words (case_id bigint PRIMARY KEY, words text NOT NULL)",
        "CREATE VIRTUAL TABLE case_search USING fts5(terms, content='', detail=none)",
    ),
}
_KEEPING: dict[str, tuple[str, ...]] = {
    "postgresql": (
        """CREATE FUNCTION case_fold(said text) RETURNS text LANGUAGE sql STABLE AS $$
          SELECT coalesce(string_agg(coalesce(folded, substr(said, at, 1)), '' ORDER BY at), '')
          FROM generate_series(1, length(said)) AS at
          LEFT JOIN case_search_character ON one = substr(said, at, 1)
        $$""",
        f"""CREATE FUNCTION case_terms(id bigint, words text) RETURNS tsvector
          LANGUAGE sql STABLE AS $$
          SELECT array_to_tsvector(array_agg(term) || ARRAY[{_BLOCKS}])
          FROM ({_TERMS.format(words="words", places="generate_series(1, length(words)) AS at")})
          AS terms
        $$""",
        "INSERT INTO case_search SELECT id, words, case_terms(id, words) FROM (SELECT id,"
        f' {_folded("one", "case_fold({text})", "strpos")} AS words FROM "case" AS one) AS folded',
        "CREATE INDEX ix_case_search_terms ON case_search USING gin (terms)",
        f"""CREATE FUNCTION note_case_terms() RETURNS trigger LANGUAGE plpgsql AS $$
          DECLARE said text := {_folded("NEW", "case_fold({text})", "strpos")};
          BEGIN
            INSERT INTO case_search VALUES (NEW.id, said, case_terms(NEW.id, said))
            ON CONFLICT (case_id) DO UPDATE SET words = excluded.words, terms = excluded.terms;
            RETURN NULL;
          END
        $$""",
        f'CREATE TRIGGER note_case_terms AFTER INSERT OR UPDATE OF {_CHANGED} ON "case"'
        " FOR EACH ROW EXECUTE FUNCTION note_case_terms()",
    ),
    "sqlite": (
        "CREATE TRIGGER note_new_terms AFTER INSERT ON case_search_words BEGIN"
        f" INSERT INTO case_search (rowid, terms) VALUES (NEW.case_id, {_lite_terms('NEW')}); END",
        "CREATE TRIGGER note_terms AFTER UPDATE ON case_search_words BEGIN"
        " INSERT INTO case_search (case_search, rowid, terms)"
        f" VALUES ('delete', OLD.case_id, {_lite_terms('OLD')});"
        f" INSERT INTO case_search (rowid, terms) VALUES (NEW.case_id, {_lite_terms('NEW')}); END",
        "CREATE TRIGGER forget_terms AFTER DELETE ON case_search_words BEGIN"
        " INSERT INTO case_search (case_search, rowid, terms)"
        f" VALUES ('delete', OLD.case_id, {_lite_terms('OLD')}); END",
        f'INSERT INTO case_search_words SELECT id, {_lite_words("one")} FROM "case" AS one',
        'CREATE TRIGGER note_new_case_terms AFTER INSERT ON "case" BEGIN'
        f" INSERT INTO case_search_words VALUES (NEW.id, {_lite_words('NEW')}); END",
        f'CREATE TRIGGER note_case_terms AFTER UPDATE OF {_CHANGED} ON "case" BEGIN'
        f" UPDATE case_search_words SET words = {_lite_words('NEW')} WHERE case_id = OLD.id; END",
        'CREATE TRIGGER forget_case_terms AFTER DELETE ON "case" BEGIN'
        " DELETE FROM case_search_words WHERE case_id = OLD.id; END",
    ),
}
_DROPPING: dict[str, tuple[str, ...]] = {
    "postgresql": (
        'DROP TRIGGER IF EXISTS note_case_terms ON "case"',
        "DROP FUNCTION IF EXISTS note_case_terms()",
        "DROP TABLE IF EXISTS case_search",
        "DROP FUNCTION IF EXISTS case_terms(text)",
        "DROP FUNCTION IF EXISTS case_terms(bigint, text)",
        "DROP FUNCTION IF EXISTS case_fold(text)",
        "DROP TABLE IF EXISTS case_search_character",
        "DROP TABLE IF EXISTS case_search_sound",
    ),
    "sqlite": (
        "DROP TRIGGER IF EXISTS forget_case_terms",
        "DROP TRIGGER IF EXISTS note_case_terms",
        "DROP TRIGGER IF EXISTS note_new_case_terms",
        "DROP TABLE IF EXISTS case_search_words",
        "DROP TABLE IF EXISTS case_search",
        "DROP TABLE IF EXISTS case_search_character",
        "DROP TABLE IF EXISTS case_search_sound",
        "DROP TABLE IF EXISTS case_search_place",
        "DROP VIEW IF EXISTS place_in_text",
    ),
}
