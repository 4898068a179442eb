"""Uploads: judged by their content, cleaned, and refused in words when they are hostile."""

from __future__ import annotations

import io
import os
import struct
import zlib
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image
from sqlalchemy import select

from engine import settings
from engine.errors import InvalidInput
from engine.models import Attachment, Unit
from engine.records import attachments
from engine.storage.db import reading, transaction
from tests.engine.casework.world import World


def upload(world: World, raw: bytes, name: str = "现场.jpg", accept: str = "any") -> int:
    """Store bytes as a worker's upload; returns the attachment's id."""
    ready = attachments.make_ready(io.BytesIO(raw), accept)
    with transaction() as db:
        county = db.scalars(select(Unit.id).where(Unit.code == "620725")).one()
        row = attachments.receive(
            db,
            world.actor(db, "worker"),
            ready,
            name,
            county_id=county,
            now=world.now,
        )
        return row.id


def picture(kind: str = "JPEG", exif: Image.Exif | None = None) -> bytes:
    out = io.BytesIO()
    more = {"exif": exif} if exif is not None else {}
    Image.new("RGB", (64, 48), "grey").save(out, kind, **more)
    return out.getvalue()


def png_head(width: int, height: int) -> bytes:
    """A PNG that promises this size and holds next to nothing."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 100)), (b"IEND", b"")]
    body = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + body


def test_it_keeps_neither_place_nor_time_nor_a_tail_in_the_picture(world: World) -> None:
    """What the picture said of itself is a claim beside it."""
    exif = Image.Exif()
    exif[0x8769] = {0x9003: "2026:11:20 09:00:00" + "x" * 1000}
    exif[0x8825] = {1: "N", 2: (38.0, 47.0, 0.0)}
    number = upload(world, picture(exif=exif) + b"<script>alert(1)</script>")

    with reading() as db:
        row = db.get_one(Attachment, number)
        kept = attachments.path_of(row).read_bytes()
    assert b"script" not in kept and b"2026:11" not in kept
    assert not Image.open(io.BytesIO(kept)).getexif()
    assert row.proof["exif"]["has_position"] is True
    assert row.proof["exif"]["taken_at"].startswith("2026:11:20") and len(str(row.proof)) < 400


@pytest.mark.parametrize(
    "raw",
    [
        png_head(8_000, 8_000),
        png_head(60_000, 60_000),
        png_head(100, 100),
        picture()[:200],
        picture("PNG")[:60],
        picture("WEBP")[:40],
        b"\xff\xd8\xff\xe1\xff\xff" + b"Exif\0\0" + b"\xff" * 500,
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<!DOCTYPE html><html><script>alert(1)</script></html>",
        b"MZ" + b"\0" * 300,
        b"",
    ],
    ids=["large", "bomb", "cut-rows", "jpeg", "png", "webp", "exif", "svg", "html", "exe", "none"],
)
def test_it_refuses_in_words_what_is_broken_or_hostile(world: World, raw: bytes) -> None:
    with pytest.raises(InvalidInput) as refusal:
        upload(world, raw)

    assert set(refusal.value.errors) == {"file"}
    assert not list(settings.current().data_dir.glob("files/*/*"))


def test_it_never_lets_a_name_lead_out_of_its_folder(world: World) -> None:
    """A file lies under its content's hash; the name is only shown."""
    number = upload(world, picture(), "..\\..\\../etc/passwd\x00\n.jpg")

    with reading() as db:
        row = db.get_one(Attachment, number)
        assert attachments.name_of(row) == "passwd.jpg"
        assert settings.current().data_dir in attachments.path_of(row).parents


def test_it_removes_files_that_never_got_a_row(world: World) -> None:
    """What somebody left who died between the file and its row goes after a day."""
    upload(world, b"kept as it is", "a.txt")
    folder = settings.current().data_dir / "files/ab"
    folder.mkdir(parents=True, exist_ok=True)
    orphan, half = folder / ("ab" * 32), folder / f"{'ab' * 31}ac.7.part"
    for path in (orphan, half):
        path.write_bytes(b"nobody's")

    def sweep(later: timedelta) -> int:
        with reading() as db:
            return attachments.sweep(db, datetime.now(UTC) + later)

    assert sweep(timedelta(hours=23)) == 0
    assert sweep(timedelta(hours=25)) == 2
    assert not orphan.exists() and not half.exists()
    with reading() as db:
        assert attachments.path_of(db.scalars(select(Attachment)).one()).read_bytes()


def test_it_makes_an_old_file_young_when_it_is_stored_again(world: World) -> None:
    """The sweep must not take it away from the row that is about to be written."""
    upload(world, b"twice", "a.txt")
    with reading() as db:
        path = attachments.path_of(db.scalars(select(Attachment)).one())
    os.utime(path, (0, 0))

    upload(world, b"twice", "b.txt")

    assert path.stat().st_mtime > 1_000_000_000
