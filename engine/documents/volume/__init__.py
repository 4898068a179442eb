"""The archived volume of a closed case (卷宗), made by the outbox after the commit that asks.

What a dossier of people's mediation holds follows the Ministry of Justice's practice: application
or register, notice of rights, identity, records, agreement and back cover are always there.
"""

from engine.documents.volume.making import TEMPLATE, create

__all__ = ["TEMPLATE", "create"]
