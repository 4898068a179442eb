"""At the desk: a form filled in as people do, its photos uploaded first."""

from __future__ import annotations

import io
import random
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from PIL import Image
from sqlalchemy.orm import Session

from bench.generator import answers
from engine import settings
from engine.access.actors import Actor
from engine.intake.demo.places import COUNTY
from engine.records import attachments
from forms import Form

OFFICES = tuple(f"{COUNTY}-{suffix}" for suffix in ("ZJJ", "SWJ", "GAJ", "CGJ", "JTJ"))


def snapshot() -> bytes:
    """Return a small photo."""
    picture = io.BytesIO()
    Image.new("RGB", (320, 240), "grey").save(picture, "JPEG", quality=40)
    return picture.getvalue()


@dataclass
class GeneratorDesk:
    """Where forms are filled in, in the county whose id is given."""

    county_id: int
    photo: bytes = field(default_factory=snapshot)

    def fill(
        self,
        db: Session,
        actor: Actor,
        form: Form | None,
        dice: random.Random,
        *,
        place: str,
        now: datetime,
    ) -> dict[str, Any]:
        """Return answers that the form accepts, uploads included. Raises UnfillableForm."""
        if form is None:
            return {}
        asked = [one for one in form.fields if one.kind == "files"]
        attach = any(one.required or one.required_when is not None for one in asked)
        files = [self._upload(db, actor, now)] if attach else []
        return answers.fill(
            form,
            dice,
            settings.current().local_day(now),
            place=place,
            units=list(OFFICES),
            files=files,
            fixed={one.name: None for one in asked if not files},
        )

    def _upload(self, db: Session, actor: Actor, now: datetime) -> str:
        row = attachments.receive(
            db,
            actor,
            _ready(self.photo),
            "现场.jpg",
            county_id=self.county_id,
            now=now,
        )
        # Like an upload that is there before the form that names it.
        db.flush()
        return str(row.id)


@lru_cache(maxsize=8)
def _ready(photo: bytes) -> attachments.Upload:
    """The same few photos are sent with every case; each is read once."""
    return attachments.make_ready(io.BytesIO(photo), "photo")
