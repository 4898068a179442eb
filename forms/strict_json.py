"""JSON of a form file, read strictly: what another program would read otherwise is refused."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from feel import Text
from forms.findings import BrokenForm, FormFinding

MAX_BYTES = 512_000


def parse(data: bytes, source: str) -> Mapping[str, Any]:
    """Read JSON strictly: UTF-8, an object, no key twice, no NaN. Raises Broken."""
    if len(data) > MAX_BYTES:
        raise _unreadable("文件太大", "the file is too large", source)
    try:
        found = json.loads(
            data.decode("utf-8-sig"), object_pairs_hook=_unique, parse_constant=_no_constant
        )
    except (ValueError, RecursionError) as error:
        raise _unreadable(
            f"不是有效的 JSON：{error}", f"this is not valid JSON: {error}", source
        ) from error
    if not isinstance(found, Mapping):
        raise _unreadable("表单应是一个 JSON 对象", "a form is a JSON object", source)
    return found


def _unreadable(zh: str, en: str, source: str) -> BrokenForm:
    return BrokenForm((FormFinding("json", "", Text(zh, en)),), source)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    twice = [key for key, count in Counter(key for key, _ in pairs).items() if count > 1]
    if twice:
        raise ValueError(f"the key {twice[0]!r} appears twice in one object")
    return dict(pairs)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
