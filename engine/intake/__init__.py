"""Cases from outside data: a CSV, a mapping that says what its columns mean, and the import."""

from engine.intake.load import ImportReport, import_cases
from engine.intake.mapping import BadMapping, Mapping

__all__ = ["BadMapping", "Mapping", "ImportReport", "import_cases"]
