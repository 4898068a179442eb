"""Photographs from outside: sealed as they come, coded again by the worker, then files of the case.

Until then nobody sees them, and no process that answers pages has opened them.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime

import magic
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import settings
from engine.casework.case_lock import begin, lock_case
from engine.errors import InvalidInput
from engine.models import Case, CitizenPhoto, new_id
from engine.records import attachments, cipher, photos, vault
from engine.records.attachments import Upload
from engine.records.bindings import of_citizen_photo
from feel.text import Text

MOST, LARGEST = 3, 8_000_000
MOST_OF_CASE = 9
TOO_MANY = Text("最多三张照片。", "Three photos at most.")
TOO_MANY_OF_CASE = Text("一件事项最多九张照片。", "Nine photos at most for one case.")
TOO_LARGE = Text("照片每张不能超过 8 MB。", "A photo is 8 MB at most.")
NO_PHOTO = Text("只能上传照片（JPG、PNG、WebP）。", "Only photos are accepted (JPG, PNG, WebP).")


def check(contents: Sequence[bytes]) -> None:
    """Refuse what is no photo, by its first bytes; nothing is decoded. Raises InvalidInput."""
    if len(contents) > MOST:
        raise InvalidInput({"photos": TOO_MANY})
    for content in contents:
        if len(content) > LARGEST:
            raise InvalidInput({"photos": TOO_LARGE})
        if magic.from_buffer(content[:8192], mime=True) not in photos.FORMATS:
            raise InvalidInput({"photos": NO_PHOTO})


def keep(db: Session, case: Case, contents: Sequence[bytes], *, now: datetime) -> None:
    """Seal photos of a case that was just opened, or whose row is locked.

    Raises InvalidInput where it has too many already.
    """
    of_case = (CitizenPhoto.case_id == case.id, CitizenPhoto.county_id == case.county_id)
    count = db.scalar(select(func.count()).select_from(CitizenPhoto).where(*of_case)) or 0
    if count + len(contents) > MOST_OF_CASE:
        raise InvalidInput({"photos": TOO_MANY_OF_CASE})
    for place, content in enumerate(contents, count):
        row = CitizenPhoto(
            id=new_id(),
            county_id=case.county_id,
            case_id=case.id,
            place=place,
            state="waiting",
            at=now,
        )
        row.payload = vault.seal_packed(content, of_citizen_photo(row))
        db.add(row)


def waiting(db: Session, most: int = 100) -> list[int]:
    """Return photos that the worker has yet to code again, oldest first."""
    found = select(CitizenPhoto.id).where(CitizenPhoto.state == "waiting")
    return list(db.scalars(found.order_by(CitizenPhoto.id).limit(most)))


def opened(db: Session, photo_id: int) -> bytes | None:
    """Return what came in; None where another worker was faster."""
    row = db.get(CitizenPhoto, photo_id)
    if row is None or row.payload is None:
        return None
    ring = cipher.keyring(settings.current().vault_keys)
    return ring.open(row.payload, of_citizen_photo(row))


def coded_again(content: bytes) -> Upload | None:
    """Return the photo re-encoded in a child; None for what is no picture.

    Call it outside of any transaction. Raises InvalidInput where the child is busy.
    """
    try:
        return attachments.make_ready(io.BytesIO(content), accept="photo")
    except InvalidInput as error:
        if photos.REFUSALS["busy"] in error.errors.values():
            raise
        return None


def file_away(db: Session, photo_id: int, upload: Upload | None, *, now: datetime) -> bool:
    """Make a file of its case of a photo, or note that it was none; False if it was done already.

    The case is locked first, as by everybody.
    """
    of_photo = select(CitizenPhoto.case_id).where(CitizenPhoto.id == photo_id).scalar_subquery()
    case = lock_case(db, of_photo)
    work = begin(db, case, None, "attach", now=now)
    row = db.get_one(CitizenPhoto, photo_id)
    if row.payload is None:
        return False
    row.payload, row.done_at = None, now
    row.state = "ready" if upload is not None else "refused"
    if upload is None:
        work.record(db, "file.refused", photo=row.id)
        return True
    proof = {"received_at": row.at.isoformat(), "device": {}, **upload.claims}
    name = f"{row.place + 1}.{upload.mime.rpartition('/')[2]}"
    kept = attachments.file_away(
        db, work.case, upload.content, name, upload.mime, proof, now=row.at
    )
    if work.case.confidential:
        attachments.seal(kept)
    work.record(db, "file.added", digest=kept.digest, attachment=kept.id)
    return True
