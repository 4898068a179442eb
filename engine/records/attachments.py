"""Attachments by content hash, outside the web root: checked by content and cleaned.

Images are re-encoded; films are emptied of whatever is neither picture nor sound.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

import magic
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine import settings
from engine.access import confidentiality
from engine.access.actors import Actor
from engine.errors import InvalidInput, NotFound
from engine.models import Attachment, Case, Task, new_id
from engine.records import photos, vault, videos
from engine.records.bindings import of_claims, of_file_name
from engine.storage.db import transaction
from feel.text import Text

DOCUMENTS = frozenset(
    {
        "application/pdf",
        "application/msword",
        "application/vnd.ms-excel",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "text/plain",
        "audio/mpeg",
        "audio/x-m4a",
        "audio/ogg",
        "audio/x-wav",
        "video/mp4",
        "video/quicktime",
    }
)

# A file is written just before the row that refers to it: after a day there will be none.
LONGEST_WAIT = timedelta(days=1)
BATCH = 200
WRONG_TYPE = Text(
    "不支持的文件类型（按内容判断）。请上传照片、PDF、Word、Excel、文本、录音或 MP4、MOV 视频。",
    "This type of file is not accepted (judged by its content).",
)
EMPTY = Text("文件是空的。", "The file is empty.")


@dataclass(frozen=True)
class Upload:
    """A file that may be stored: its content, and the metadata it carried as ``claims``."""

    content: bytes
    mime: str
    claims: dict[str, Any]


def make_ready(stream: BinaryIO, accept: str = "any") -> Upload:
    """Check a file by its content and clean it.

    Pictures are read in a child process: call it outside of any transaction. Raises InvalidInput
    for size, type, or a picture or film that is broken or takes too much.
    """
    raw = _content(stream)
    mime = magic.from_buffer(raw[:8192], mime=True)
    if mime not in photos.FORMATS and (accept == "photo" or mime not in DOCUMENTS):
        raise InvalidInput({"file": WRONG_TYPE})
    if mime in photos.FORMATS:
        photo = photos.recode(raw, photos.FORMATS[mime])
        return Upload(photo.content, mime, {"exif": photo.claim})
    if mime in videos.KINDS:
        return Upload(videos.cleaned(raw), mime, {"exif": videos.claim(raw)})
    return Upload(raw, mime, {})


def receive(
    db: Session,
    actor: Actor,
    upload: Upload,
    filename: str,
    *,
    county_id: int,
    now: datetime,
    device: dict[str, Any] | None = None,
) -> Attachment:
    """Store an upload that was made ready; it joins a case when its form is submitted.

    ``device`` is what the phone says of itself (time, position): kept as a claim beside the
    server's time.
    """
    raw, mime = upload.content, upload.mime
    proof = {"received_at": now.isoformat(), "device": device or {}, **upload.claims}
    row = Attachment(
        id=new_id(),
        county_id=county_id,
        digest=hashlib.sha256(raw).hexdigest(),
        mime=mime,
        size=len(raw),
        proof=proof,
        uploaded_by=actor.user_id,
        at=now,
    )
    row.name = vault.seal(_plain_name(filename), of_file_name(row))
    _store(raw, row.digest)
    db.add(row)
    return row


def file_away(
    db: Session,
    case: Case,
    raw: bytes,
    name: str,
    mime: str,
    proof: dict[str, Any],
    *,
    now: datetime,
) -> Attachment:
    """Add a document that the system made itself to the files of a case."""
    row = Attachment(
        id=new_id(),
        county_id=case.county_id,
        case_id=case.id,
        digest=hashlib.sha256(raw).hexdigest(),
        mime=mime,
        size=len(raw),
        proof=proof,
        at=now,
    )
    row.name = vault.seal(_plain_name(name), of_file_name(row))
    _store(raw, row.digest)
    db.add(row)
    return row


def too_large() -> Text:
    """Return the refusal of a file above the limit of this deployment, which it names."""
    most = settings.current().upload_mb
    return Text(f"文件太大：不能超过 {most} MB。", f"The file is too large: at most {most} MB.")


def attach(
    db: Session,
    case: Case,
    task: Task | None,
    ids: Iterable[Any],
    actor: Actor,
    *,
    opening: bool = False,
) -> dict[str, str]:
    """Join uploads to a case: only the actor's own that belong nowhere, or this case's already.

    Those of the ``opening`` of a confidential case are sealed, and those of people who may know its
    reporter. Returns the hash of each by its id, for the chain to attest. Raises InvalidInput
    for any other id, so that nobody attaches what others uploaded.
    """
    wanted = sorted({int(one) for one in ids})
    if not wanted:
        return {}
    mine = Attachment.case_id.is_(None) & (Attachment.uploaded_by == actor.user_id)
    theirs = Attachment.case_id == case.id
    from_reporter = case.confidential and (opening or confidentiality.knows_by_post(actor, case))
    if case.confidential and not from_reporter:
        theirs &= ~Attachment.sealed
    joined = db.execute(
        update(Attachment)
        .where(Attachment.id.in_(wanted), mine | theirs)
        .values(case_id=case.id, county_id=case.county_id, task_id=task.id if task else None)
        .returning(Attachment.id, Attachment.digest)
        .execution_options(synchronize_session=False)
    ).all()
    if len(joined) != len(wanted):
        raise InvalidInput(
            {"": Text("附件已失效，请重新上传。", "An attachment is gone; upload it again.")}
        )
    if from_reporter:
        for row in db.scalars(select(Attachment).where(Attachment.id.in_(wanted))):
            seal(row)
    return {str(number): digest for number, digest in sorted(tuple(row) for row in joined)}


def seal(row: Attachment) -> None:
    """Keep a file of a reporter to those who may know them, and encrypt what it says of itself."""
    if not row.sealed:
        row.sealed = True
        _seal_claims(row)


def seal_earlier() -> Iterator[int]:
    """Encrypt what files say of themselves that were sealed by a migration, which has no keys.

    Yields the number of each batch, after its commit; goes on where it broke off.
    """
    clear = select(Attachment).where(Attachment.sealed, Attachment.claims.is_(None)).limit(BATCH)
    found = -1
    while found:
        with transaction() as db:
            rows = db.scalars(clear.with_for_update(skip_locked=True)).all()
            for row in rows:
                _seal_claims(row)
        found = len(rows)
        yield found


def release(row: Attachment) -> None:
    """Release a file to everybody who handles the case, without its name and claims."""
    row.sealed = False
    name = f"{row.id % 10_000:04d}{Path(name_of(row)).suffix[:6]}"
    row.name, row.claims = vault.seal(name, of_file_name(row)), None
    row.proof = {"received_at": row.at.isoformat()}


def proof_of(row: Attachment) -> dict[str, Any]:
    """Return what a file says of place and time; of a sealed one only its readers ask."""
    claims = vault.unseal(row.claims, of_claims(row)) if row.claims is not None else row.proof
    return dict(claims or {})


def of_case(db: Session, case: Case) -> list[Attachment]:
    """Return the attachments of a case, oldest first."""
    mine = select(Attachment).where(
        Attachment.case_id == case.id, Attachment.county_id == case.county_id
    )
    return list(db.scalars(mine.order_by(Attachment.id)))


def name_of(attachment: Attachment) -> str:
    """Return the name the file was uploaded under."""
    return str(vault.unseal(attachment.name, of_file_name(attachment)))


def path_of(attachment: Attachment) -> Path:
    """Return where the content lies. Raises NotFound if the disk lost it."""
    path = _place(attachment.digest)
    if not path.exists():
        raise NotFound(attachment.id)
    return path


def _seal_claims(row: Attachment) -> None:
    row.claims = vault.seal(row.proof or {}, of_claims(row))
    row.proof = {"received_at": row.at.isoformat()}


def _content(stream: BinaryIO) -> bytes:
    most = settings.current().upload_mb * 1_000_000
    raw = stream.read(most + 1)
    if len(raw) > most:
        raise InvalidInput({"file": too_large()})
    if not raw:
        raise InvalidInput({"file": EMPTY})
    return raw


def sweep(db: Session, now: datetime) -> int:
    """Remove files that no row refers to and that are too old to get one; return how many.

    They are left by whoever died, or was refused, between writing a file and its row.
    """
    removed = 0
    for folder in sorted((settings.current().data_dir / "files").glob("??")):
        old = [path for path in folder.iterdir() if _age(path, now) > LONGEST_WAIT]
        # The digest is the name; of what was not finished it is the beginning of it.
        named = select(Attachment.digest).where(Attachment.digest.in_([one.name for one in old]))
        known = set(db.scalars(named)) if old else set()
        removed += sum(_remove(path, now) for path in old if path.name not in known)
    return removed


def _remove(path: Path, now: datetime) -> bool:
    # Put aside first: who stores the same content meanwhile finds no file, or has made it young.
    aside = path.with_name(f"{path.name}.old")
    path.rename(aside)
    if _age(aside, now) <= LONGEST_WAIT:
        aside.rename(path)
        return False
    aside.unlink()
    return True


def _age(path: Path, now: datetime) -> timedelta:
    try:
        return now - datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError:
        return timedelta(0)


def _store(raw: bytes, digest: str) -> None:
    path = _place(digest)
    with suppress(FileNotFoundError):
        # There already: young again, so that the sweep leaves it for the row that is to come.
        os.utime(path)
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Written beside and renamed: a crash leaves no half file under the final name.
    part = path.with_suffix(f".{new_id()}.part")
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    _sync(path.parent)


def _sync(folder: Path) -> None:
    # The row is committed next: after a power cut the name must be there as surely as the row.
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _place(digest: str) -> Path:
    return settings.current().data_dir / "files" / digest[:2] / digest


def _plain_name(filename: str) -> str:
    name = Path(filename.replace("\\", "/")).name
    return "".join(char for char in name if char.isprintable())[:120] or "file"


def offered_position(proof: dict[str, Any] | None) -> dict[str, float] | None:
    """Return the position that a photo or film brought, while nobody has decided about it."""
    position = ((proof or {}).get("exif") or {}).get("position")
    return position if isinstance(position, dict) else None
