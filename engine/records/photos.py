"""Photographs: decoded, read for place and time, and re-encoded in a child process.

A small file can hold a picture that takes minutes and gigabytes to unpack, and decoders have
holes: neither is to reach the process that answers pages and knows the secrets.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from engine.errors import InvalidInput
from engine.isolation import child
from engine.isolation.places import ChildPlaces, NoChildPlace
from feel.text import Text

FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
# Seconds of processor time for one picture; by the clock a busy machine gets more.
CPU_SECONDS: Final = 10
WITHIN: Final = 30.0
# Two at once, and more wait than at a check: a photo takes a fraction of a second.
_PLACES: Final = ChildPlaces(2, 5, 0.5)
REFUSALS = {
    "pixels": Text(
        "图片尺寸太大（照片不超过 5000 万像素，PNG、WebP 不超过 1600 万），请缩小后再传。",
        "The picture has too many pixels (50 million at most, 16 million as PNG or WebP); "
        "make it smaller first.",
    ),
    "heavy": Text(
        f"处理这张图片超过了 {CPU_SECONDS} 秒或内存上限，已停止；请缩小后再传。",
        f"Reading the picture took more than {CPU_SECONDS} seconds or too much memory; "
        "make it smaller first.",
    ),
    "broken": Text("图片无法读取，请重新拍摄或导出。", "The picture cannot be read."),
    "busy": Text("图片处理正忙，请稍后再传。", "Photos are being read; send it again in a moment."),
}


@dataclass(frozen=True)
class Photo:
    """A picture re-encoded, without anything else in it, and what it claimed before."""

    content: bytes
    claim: dict[str, Any]


def recode(raw: bytes, kind: str, *, cpu: int = CPU_SECONDS, within: float = WITHIN) -> Photo:
    """Decode and re-encode in a child: no EXIF, no trailing bytes, no bomb.

    ``cpu`` is in seconds of processor time, ``within`` in seconds by the clock, waiting for a
    place included. Call it outside of any transaction. Raises InvalidInput.
    """
    with tempfile.TemporaryFile() as stdin:
        stdin.write(raw)
        stdin.seek(0)
        return _worked(stdin, kind, cpu, within)


def watermark(path: Path, mime: str, words: str) -> bytes:
    """Return a kept picture with words across it, in ASCII signs. Raises what ``recode`` does."""
    with path.open("rb") as stdin:
        return _worked(stdin, FORMATS[mime], CPU_SECONDS, WITHIN, words).content


def _worked(stdin: BinaryIO, kind: str, cpu: int, within: float, *words: str) -> Photo:
    deadline = time.monotonic() + within
    try:
        with _PLACES.take(deadline):
            answer = _answer(stdin, deadline, kind, str(cpu), *words)
    except NoChildPlace as full:
        raise InvalidInput({"file": REFUSALS["busy"]}) from full
    head, _, content = answer.partition(b"\n")
    # What the kernel ended said nothing: it took too much of something.
    said: dict[str, Any] = json.loads(head) if head else {"refused": "heavy"}
    if "refused" in said:
        raise InvalidInput({"file": REFUSALS[said["refused"]]})
    return Photo(content, said["claim"])


def _answer(stdin: BinaryIO, deadline: float, *arguments: str) -> bytes:
    process = child.start("engine.records.photo_child", *arguments, stdin=stdin)
    try:
        out, _ = process.communicate(timeout=max(0.1, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        return b""
    finally:
        child.end(process)
    return out if process.returncode == 0 else b""
