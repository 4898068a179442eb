"""Areas of units in GeoJSON: which are read, and the system that their positions are in."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry import shape

from engine.errors import DomainError
from engine.geo.coordinates import PLANE, SYSTEMS, plane_to_wgs, zone_meridian
from engine.geo.findings import BoundaryFinding
from feel.text import Text

LARGEST, MOST_FEATURES = 64 * 1024 * 1024, 50_000
EAST, NORTH = (73.0, 136.0), (3.0, 54.0)
CODES = ("code", "adcode", "unit_code")
AREAS = ("Polygon", "MultiPolygon")
NOT_GEOJSON = Text(
    "这不是 GeoJSON 要素集合（FeatureCollection），或者坐标不是数字。",
    "This is no GeoJSON FeatureCollection, or its coordinates are no numbers.",
)
TOO_LARGE = Text(
    "文件太大：至多 64 MB、五万个区域。", "The file is too large: at most 64 MB and 50,000 areas."
)
ELSEWHERE = Text("坐标不在中国境内，无法使用。", "The coordinates do not lie in China.")
ASK = Text(
    "看不出坐标系，请注明 WGS-84、GCJ-02、BD-09 或 CGCS2000。",
    "The file does not tell its system of coordinates; say WGS-84, GCJ-02, BD-09 or CGCS2000.",
)
NO_ZONE = Text(
    "平面坐标不带带号，请注明中央经线。",
    "Plane coordinates without a zone need their central meridian.",
)


class UnreadableBoundaries(DomainError):
    """The file holds no areas that could be used."""


@dataclass(frozen=True)
class BoundaryFile:
    """The areas of a file in WGS-84, by unit code, the system that they came in, and findings."""

    areas: Mapping[str, Any]
    system: str
    findings: tuple[BoundaryFinding, ...]

    @classmethod
    def read(
        cls, data: bytes, *, system: str = "", outline: Any = None, meridian: int | None = None
    ) -> BoundaryFile:
        """Read a file. Raises UnreadableBoundaries.

        ``system`` empty: the file's own word for it, else the one that fits ``outline``, the
        county's boundary in WGS-84, clearly best.
        """
        features = _features(data)
        findings: list[BoundaryFinding] = []
        areas = dict(_areas(features, findings))
        if not areas:
            raise UnreadableBoundaries(text=NOT_GEOJSON)
        turned = _in_order(areas, findings)
        system = system or _own_word(features)
        metres = _is_plane(turned)
        if metres or system == PLANE:
            wgs = _from_plane(turned, meridian) if metres else turned
            return cls(wgs, PLANE, tuple(findings))
        system = system or _fitting(turned, outline, findings)
        if system not in SYSTEMS:
            raise UnreadableBoundaries(system, text=ASK)
        if system != "WGS-84":
            findings.append(_converted(system))
        return cls(_convert(turned, system), system, tuple(findings))


def _features(data: bytes) -> list[dict[str, Any]]:
    if len(data) > LARGEST:
        raise UnreadableBoundaries(text=TOO_LARGE)
    try:
        document = json.loads(data.decode("utf-8-sig"), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise UnreadableBoundaries(text=NOT_GEOJSON) from error
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list) or not all(isinstance(one, dict) for one in features):
        raise UnreadableBoundaries(text=NOT_GEOJSON)
    if len(features) > MOST_FEATURES:
        raise UnreadableBoundaries(text=TOO_LARGE)
    return features


def _refuse(word: str) -> float:
    raise ValueError(word)


def _areas(
    features: list[dict[str, Any]], findings: list[BoundaryFinding]
) -> Iterator[tuple[str, Any]]:
    """Yield the areas that can be used, mended where a ring crosses itself."""
    known: set[str] = set()
    for number, feature in enumerate(features, 1):
        code = _code(feature)
        area = _area(feature)
        if not code or code in known:
            findings.append(_without_code(number) if not code else _twice(code))
        elif area is None:
            findings.append(_no_area(code))
        else:
            known.add(code)
            if not area.is_valid:
                findings.append(_invalid(code, shapely.is_valid_reason(area)))
                area = shapely.make_valid(area, method="structure", keep_collapsed=False)
            yield code, area


def _code(feature: dict[str, Any]) -> str:
    properties = feature.get("properties")
    if not isinstance(properties, dict):
        return ""
    found = next((properties[name] for name in CODES if properties.get(name)), "")
    return str(found)[:32] if isinstance(found, (str, int)) else ""


def _area(feature: dict[str, Any]) -> Any:
    """Return the area of a feature; None for points, lines, nothing, or what is no geometry."""
    geometry = feature.get("geometry")
    if not isinstance(geometry, dict) or geometry.get("type") not in AREAS:
        return None
    try:
        area = shapely.force_2d(shape(geometry))
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, shapely.GEOSException):
        return None
    finite = np.isfinite(shapely.get_coordinates(area)).all()
    return area if finite and not area.is_empty else None


def _in_order(areas: dict[str, Any], findings: list[BoundaryFinding]) -> dict[str, Any]:
    """Return the areas with longitude first: in China the two ranges do not meet."""
    x, y = shapely.get_coordinates(list(areas.values())).T
    if _within(x, EAST) and _within(y, NORTH) or _is_plane(areas):
        return areas
    if not (_within(y, EAST) and _within(x, NORTH)):
        raise UnreadableBoundaries(text=ELSEWHERE)
    findings.append(_exchanged())
    return {code: shapely.transform(area, lambda xy: xy[:, ::-1]) for code, area in areas.items()}


def _within(values: Any, limits: tuple[float, float]) -> bool:
    return bool(limits[0] <= values.min() and values.max() <= limits[1])


def _is_plane(areas: dict[str, Any]) -> bool:
    """Return whether the numbers are metres of a plane system."""
    return bool(np.abs(shapely.get_coordinates(list(areas.values()))).min() > 180)


def _from_plane(areas: dict[str, Any], meridian: int | None) -> dict[str, Any]:
    first = shapely.get_coordinates(list(areas.values()))[0]
    # Surveyors write north first, programs east first; northings of China are 7 digits at most.
    middle = zone_meridian(max(first)) or meridian
    if middle is None:
        raise UnreadableBoundaries(text=NO_ZONE)
    swap = first[1] >= 10_000_000

    def move(xy: Any) -> Any:
        pairs = xy[:, ::-1] if swap else xy
        return np.array([plane_to_wgs(east, north, middle) for east, north in pairs])

    return {code: shapely.transform(area, move) for code, area in areas.items()}


def _convert(areas: dict[str, Any], system: str) -> dict[str, Any]:
    if system == "WGS-84":
        return areas
    rule = SYSTEMS[system]
    return {
        code: shapely.transform(area, lambda xy: np.array([rule(*one) for one in xy]))
        for code, area in areas.items()
    }


def _own_word(features: list[dict[str, Any]]) -> str:
    """Return the system that the file itself names; empty where it does not, or differs."""
    words = {str((one.get("properties") or {}).get("crs") or "") for one in features}
    word = words.pop().upper() if len(words) == 1 else ""
    return next((name for name in (*SYSTEMS, PLANE) if name in word), "")


def _fitting(areas: dict[str, Any], outline: Any, findings: list[BoundaryFinding]) -> str:
    """Return the system under which the areas fit the county clearly best; else ask."""
    if outline is None:
        raise UnreadableBoundaries(text=ASK)
    misfit = {
        name: _misfit(shapely.union_all(list(_convert(areas, name).values())), outline)
        for name in SYSTEMS
    }
    best, second = sorted(misfit, key=lambda name: misfit[name])[:2]
    if misfit[best] * 2 > misfit[second]:
        raise UnreadableBoundaries(text=ASK)
    findings.append(_recognised(best, misfit[best], second, misfit[second]))
    return best


def _misfit(whole: Any, outline: Any) -> float:
    return float(shapely.symmetric_difference(whole, outline).area / outline.area)


def _error(rule: str, units: tuple[str, ...], zh: str, en: str) -> BoundaryFinding:
    return BoundaryFinding("error", rule, units, Text(zh, en))


def _without_code(number: int) -> BoundaryFinding:
    return _error(
        "without-code",
        (),
        f"第 {number} 个区域没有单位代码（属性 code）。",
        f"Area {number} has no unit code (property code).",
    )


def _twice(code: str) -> BoundaryFinding:
    return _error("twice", (code,), f"{code} 有两个边界。", f"{code} has two boundaries.")


def _no_area(code: str) -> BoundaryFinding:
    zh, en = f"{code} 没有可用的面（多边形）。", f"{code} has no usable polygon."
    return _error("no-area", (code,), zh, en)


def _invalid(code: str, reason: str) -> BoundaryFinding:
    text = Text(
        f"{code} 的边界自相交，已修复，请核对（{reason}）。",
        f"The boundary of {code} crosses itself and was mended; check it ({reason}).",
    )
    return BoundaryFinding("warning", "crosses-itself", (code,), text)


def _exchanged() -> BoundaryFinding:
    text = Text(
        "坐标写成了纬度在前，已对调为经度在前。",
        "Coordinates came with latitude first; they were exchanged.",
    )
    return BoundaryFinding("note", "wrong-order", (), text)


def _converted(system: str) -> BoundaryFinding:
    text = Text(f"坐标已由 {system} 换算为 WGS-84。", f"Converted from {system} to WGS-84.")
    return BoundaryFinding("note", "converted", (), text)


def _recognised(best: str, fit: float, second: str, worse: float) -> BoundaryFinding:
    text = Text(
        f"文件未注明坐标系；按 {best} 与本县轮廓相差 {fit:.2%}，按 {second} 相差 {worse:.2%}。",
        f"The file names no system; as {best} it differs from the county's outline by {fit:.2%}, "
        f"as {second} by {worse:.2%}.",
    )
    return BoundaryFinding("warning", "system-recognised", (), text)
