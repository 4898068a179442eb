"""Cases from outside data: a table, a mapping that says what its columns mean, and the import."""

from engine.intake.load import ImportOptions, import_cases
from engine.intake.mapping import BadMapping, Mapping
from engine.intake.row_outcomes import ImportReport, RowOutcome

__all__ = [
    "BadMapping",
    "ImportOptions",
    "ImportReport",
    "Mapping",
    "RowOutcome",
    "import_cases",
]
