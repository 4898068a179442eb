"""Units from a table of divisions: read, compare with what is there, write what differs.

Reads the tables of the National Bureau of Statistics as they are published (province to
village, in any order of rows) and tables of centre points. A second run changes nothing.
"""

from engine.org.importing.applying import UnitImportResult, import_file, import_units
from engine.org.importing.table import RejectedRow

__all__ = ["RejectedRow", "UnitImportResult", "import_file", "import_units"]
