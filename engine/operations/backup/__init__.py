"""Backups: database and files as of one moment, in one encrypted file; and back from it.

The keys are not in it: they come from the environment, and whoever has the file without them has
nothing.
"""

from engine.operations.backup.databases import RestoreTargetNotEmpty, ToolMissing
from engine.operations.backup.making import LAST, BackupReport, make
from engine.operations.backup.restoring import AnchorsDiffer, KeysDiffer, check, restore
from engine.operations.backup.sealing import DamagedBackup

__all__ = [
    "AnchorsDiffer",
    "LAST",
    "DamagedBackup",
    "KeysDiffer",
    "RestoreTargetNotEmpty",
    "BackupReport",
    "ToolMissing",
    "check",
    "make",
    "restore",
]
