"""Which unit a row belongs to; a place that no unit has goes to a named fallback queue."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.casework import case_place
from engine.errors import DomainError
from engine.intake import cells
from engine.intake.mapping import Mapping, fill
from engine.models import Unit
from engine.org import recoded_from
from feel.text import Text


class NoFallback(DomainError):
    """The mapping's fallback unit does not exist, or lies outside of any county."""


@dataclass(frozen=True)
class MappedUnits:
    """The units that the mapping names, loaded at once; those that rows name, once a batch."""

    mapping: Mapping
    units: dict[str, Unit | None]
    office: Unit
    county_id: int
    names: dict[int, str] = field(default_factory=dict)

    @classmethod
    def load(cls, db: Session, mapping: Mapping) -> MappedUnits:
        """Load them. Raises NoFallback."""
        named = (*mapping.place.values.values(), mapping.place.default)
        codes = {mapping.fallback, *(str(code) for code in named if code is not None)}
        units = _coded(db, codes)
        office = units.get(mapping.fallback)
        if office is None or office.at_county is None:
            text = Text(
                f"兜底单位 {mapping.fallback} 不存在或不在任何县内。",
                f"The fallback unit {mapping.fallback} does not exist, or in no county.",
            )
            raise NoFallback(mapping.fallback, text=text)
        return cls(mapping, units, office, office.at_county)

    def of(self, db: Session, row: dict[str, str]) -> tuple[Unit, bool]:
        """Return the row's unit, and whether it is the fallback."""
        code = str(self.mapping.place.of(row) or "")
        if code and code not in self.units:
            self.units[code] = _coded(db, {code}).get(code)
        unit = self.units.get(code)
        if unit is None or unit.at_county != self.county_id:
            return self.office, True
        return unit, False

    def name(self, db: Session, unit: Unit) -> str:
        """Return the unit as people say it, looked up once a batch."""
        if unit.id not in self.names:
            self.names[unit.id] = case_place.place_name(db, unit)
        return self.names[unit.id]

    def point(self, row: dict[str, str]) -> tuple[float | None, float | None]:
        """Return latitude and longitude, or nothing. Raises ValueError."""
        latitude = cells.number(fill(self.mapping.latitude, row))
        longitude = cells.number(fill(self.mapping.longitude, row))
        if latitude is None or longitude is None:
            return None, None
        if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
            raise ValueError("the coordinates lie outside of the earth")
        return latitude, longitude


def _coded(db: Session, codes: set[str]) -> dict[str, Unit | None]:
    """Return the units at work that have these codes, or had them before they were recoded."""
    found = {unit.code: unit for unit in db.scalars(select(Unit).where(Unit.code.in_(codes)))}
    # A mapping outlives a recoding; a unit that has the code now is meant before one that had.
    if codes - found.keys():
        found |= recoded_from(db, codes - found.keys())
    return {code: unit for code, unit in found.items() if unit.ended_at is None}
