"""Cases from outside data: a table, a mapping that says what its columns mean, and the import."""

from engine.intake.fates import ImportReport, RowFate
from engine.intake.load import ImportOptions, import_cases
from engine.intake.mapping import BadMapping, Mapping

__all__ = [
    "BadMapping",
    "ImportOptions",
    "ImportReport",
    "Mapping",
    "RowFate",
    "import_cases",
]
