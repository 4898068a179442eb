"""Units from a table of divisions: read, compare with what is there, write what differs.

Reads the tables of the National Bureau of Statistics as they are published (province to
village, in any order of rows) and tables of centre points, as CSV or workbook. A second run
changes nothing. A table of code changes says which unit became which.
"""

from engine.org.importing.applying import UnitImportOptions, import_file, import_units
from engine.org.importing.missing import MissingUnit
from engine.org.importing.result import UnitImportResult
from engine.org.importing.table import RejectedRow

__all__ = [
    "MissingUnit",
    "RejectedRow",
    "UnitImportOptions",
    "UnitImportResult",
    "import_file",
    "import_units",
]
