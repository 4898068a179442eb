"""The kinds of papers that ship: title, editable words, sheet, and which have a number."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from feel.text import Text
from forms import Form, load


@dataclass(frozen=True)
class PaperKind:
    """One kind of paper.

    ``numbered`` kinds take a number of the unit's when they are final; ``series`` is shared by
    kinds that are numbered together: an agreement, written or recorded, has one count.
    """

    key: str
    title: Text
    series: str = ""

    @property
    def numbered(self) -> bool:
        """Whether it has a number."""
        return bool(self.series)

    @property
    def words(self) -> Form:
        """The form of what people write in it."""
        return _words(self.key)


KINDS: Mapping[str, PaperKind] = {
    kind.key: kind
    for kind in (
        PaperKind("application", Text("人民调解申请书", "Application for mediation")),
        PaperKind("register", Text("人民调解受理登记表", "Acceptance register")),
        PaperKind("record", Text("人民调解记录", "Record of mediation")),
        PaperKind("agreement", Text("人民调解协议书", "Mediation agreement"), "agreement"),
        PaperKind(
            "oral", Text("人民调解口头协议登记表", "Register of an oral agreement"), "agreement"
        ),
        PaperKind("termination", Text("终止调解告知书", "Notice that mediation has ended")),
        PaperKind("cover", Text("调解卷宗封面", "Cover of the volume"), "volume"),
    )
}


@cache
def _words(key: str) -> Form:
    path = files(__package__) / "words" / f"{key}.json"
    return load(json.loads(path.read_text("utf-8")), source=path.name)
