"""What the chains attest: payloads of the vault and rows of files, against their receipts.

A payload opens for its own row alone and its content has the digest that stands beside it; the
digest is the receipt of an event. So what was emptied, exchanged, put elsewhere, or taken away is
found and named, whoever did it with whatever rights in the database.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import LargeBinary, cast, select, type_coerce
from sqlalchemy.orm import Session

from engine.models import Attachment, Remark, VaultRow
from engine.models.base import Base
from engine.records import vault
from engine.records.bindings import Binding, of_answers, of_claims, of_file_name, of_remark
from engine.records.cipher import KeyMissing, UnopenedPayload
from feel.text import Text

# Kinds of faults by what they are about.
OF_ANSWERS = frozenset({"lost", "unsaid", "emptied", "foreign", "content", "key"})
OF_FILES = frozenset({"file-gone", "file-changed", "file-name"})
# What an event that attests something has among its data.
SAYING = ('"receipt"', '"attachment"', '"files"')
Rows = Iterator[tuple[int, str, Any]]


@dataclass(frozen=True)
class ChainFault:
    """The first thing wrong with a chain, or anything with what it attests.

    ``seq`` is the link, 0 for the chain as such.
    """

    case_id: int
    seq: int
    kind: str
    text: Text
    row_id: int | None = None


def streams(db: Session) -> list[Rows]:
    """Return answers, remarks and files, each by case and in the cases' order."""
    return [
        _by_case(db, VaultRow, "payload", "vault_rows"),
        _by_case(db, Remark, "payload", "remarks"),
        _by_case(db, Attachment, "name", "files"),
    ]


def faults(
    case_id: int,
    events: Sequence[Any],
    kept: Sequence[Any] = (),
    remarks: Sequence[Any] = (),
    files: Sequence[Any] = (),
) -> Iterator[ChainFault]:
    """Whatever does not fit in one case."""
    receipts, vouched = _claims(events)
    for row in kept:
        yield from _opened(row, receipts, row.node_id, of_answers, lambda told, _row: told)
    for row in remarks:
        yield from _opened(row, receipts, "", of_remark, _remark)
    there = Counter(row.digest for row in (*kept, *remarks))
    for digest, links in receipts.items():
        # One row for each time that it was said.
        for seq in links[there[digest] :]:
            text = Text(
                f"第 {seq} 条记录的内容在加密库中缺失",
                f"what link {seq} is the receipt of is missing from the vault",
            )
            yield ChainFault(case_id, seq, "lost", text)
    for row in kept:
        if row.task_id is not None and row.digest not in receipts:
            text = Text("有内容没有对应的记录", "there are answers that no link is the receipt of")
            yield ChainFault(case_id, 0, "unsaid", text, row.id)
    yield from _files(case_id, vouched, files)


def _opened(
    row: Any,
    receipts: dict[str, list[int]],
    node: str,
    binding: Callable[[Any], Binding],
    content: Callable[[Any, Any], Any],
) -> Iterator[ChainFault]:
    """Yield one payload: there, its own row's, and what its digest says."""
    seq = receipts.get(row.digest, [0])[0]
    where, place = f"“{node}”的内容（{row.id}）", f"of “{node}” (row {row.id})"
    if row.payload is None:
        text = Text(f"{where}被清空", f"the content {place} was emptied")
        yield ChainFault(row.case_id, seq, "emptied", text, row.id)
        return
    try:
        told = vault.unseal(bytes(row.payload), binding(row))
    except KeyMissing as error:
        yield ChainFault(row.case_id, seq, "key", error.text, row.id)
    except UnopenedPayload as error:
        text = Text(f"{where}：{error.text.zh}", f"the content {place}: {error.text.en}")
        yield ChainFault(row.case_id, seq, "foreign", text, row.id)
    else:
        if vault.digest(content(told, row)) != row.digest:
            text = Text(f"{where}与摘要不符", f"the content {place} is not what its digest says")
            yield ChainFault(row.case_id, seq, "content", text, row.id)


def _remark(told: Any, row: Any) -> Any:
    return {"text": told, "unit": row.unit_id}


def _files(
    case_id: int, vouched: dict[int, tuple[int, str]], files: Sequence[Any]
) -> Iterator[ChainFault]:
    rows = {row.id: row for row in files}
    for number, (seq, digest) in vouched.items():
        row = rows.get(number)
        if row is None:
            text = Text(f"附件 {number} 的行不在了", f"the row of attachment {number} is gone")
            yield ChainFault(case_id, seq, "file-gone", text, number)
        elif row.digest != digest:
            text = Text(
                f"附件 {number} 不是所记录的文件", f"attachment {number} is not the file recorded"
            )
            yield ChainFault(case_id, seq, "file-changed", text, number)
    for row in files:
        try:
            vault.unseal(bytes(row.payload), of_file_name(row))
            if row.claims is not None:
                vault.unseal(bytes(row.claims), of_claims(row))
        except UnopenedPayload as error:
            text = Text(f"附件 {row.id}：{error.text.zh}", f"attachment {row.id}: {error.text.en}")
            yield ChainFault(case_id, 0, "file-name", text, row.id)


def _claims(events: Sequence[Any]) -> tuple[dict[str, list[int]], dict[int, tuple[int, str]]]:
    """Return receipts by digest with their links; attached files with their hash, as first
    recorded.
    """
    receipts: dict[str, list[int]] = {}
    vouched: dict[int, tuple[int, str]] = {}
    for event in events:
        if not any(word in event.data for word in SAYING):
            continue
        said = _parse(event.data)
        if said.get("receipt"):
            receipts.setdefault(str(said["receipt"]), []).append(event.seq)
        if said.get("attachment") and said.get("digest"):
            vouched.setdefault(int(said["attachment"]), (event.seq, said["digest"]))
        files = said.get("files")
        for number, digest in (files if isinstance(files, dict) else {}).items():
            vouched.setdefault(int(number), (event.seq, digest))
    return receipts, vouched


def _parse(data: str) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _by_case(db: Session, model: type[Base], sealed: str, name: str) -> Rows:
    table = model.__table__
    # As bytes, whatever was put there: on SQLite a text in this column could not be read at all.
    payload = type_coerce(cast(table.c[sealed], LargeBinary), LargeBinary).label("payload")
    others = [column for column in table.c if column.name != sealed]
    wanted = (
        select(*others, payload)
        .where(table.c.case_id.is_not(None))
        .order_by(table.c.case_id, table.c.id)
        .execution_options(yield_per=1000)
    )
    rows = db.execute(wanted)
    for case_id, found in groupby(rows, lambda row: int(row.case_id)):
        yield case_id, name, list(found)
