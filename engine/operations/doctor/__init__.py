"""Whether everything that the database and the disk hold fits together: `fengqiao doctor`.

Reads one moment of the database, case by case, and changes nothing. What each check asks:

* ``chains``: audit chains, their anchors, the lengths that cases remember;
* ``answers``: every receipt in a chain has its answers in the vault, and the other way round;
* ``tasks``: open tasks and closed cases are those that the chain says;
* ``states``: engine states load, and their tokens and timers are the task and due rows;
* ``clocks``: due rows are the clocks that run, none missing and none left over;
* ``access``: who works on a case may see it, and nobody else was let in unsaid;
* ``confidential``: who may know a reporter follows from what the chain says, nothing was undone;
* ``stamps``: units and the rows of units carry the right ancestors;
* ``outbox``: messages have their causes, and causes their messages, while messages are kept;
* ``tallies``: counters equal what the chains say;
* ``files``: rows of attachments have their files, and files their rows;
* ``duties``: nobody has two duties that one person does not have together;
* ``posts``: posts of power are held by those whom the administration's chain says;
* ``definitions``: published files are those whose digest that chain says.
"""

from engine.operations.doctor.examination import CHECKS, Examination, examine
from engine.operations.doctor.findings import Discrepancy

__all__ = ["CHECKS", "Discrepancy", "Examination", "examine"]
