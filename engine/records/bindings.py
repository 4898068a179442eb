"""What each sealed payload is bound to: the table and the row that it belongs to.

A payload that is moved to another row, case, task or node does not open there. Whoever adds a
sealed column adds it to ``SEALED``, so that a change of keys reaches it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine.models import (
    Attachment,
    CasePerson,
    Channel,
    CitizenCode,
    CitizenLetter,
    CitizenPhoto,
    Contact,
    Disclosure,
    FormDraft,
    Mediator,
    Paper,
    PaperSignature,
    Remark,
    SecondFactor,
    VaultRow,
)
from engine.models.base import Base

Binding = bytes


def bound(table: str, *key: int | str | None) -> Binding:
    """One way only to read it: numbers hold no NUL and no column of a database's text does.

    At most one part of a key may be text.
    """
    return "\0".join(("fengqiao", table, *(str(part or 0) for part in key))).encode()


def of_answers(row: Any) -> Binding:
    """Return answers of a task: county, case, task, node and row."""
    return bound("vault", row.county_id, row.case_id, row.task_id, row.node_id, row.id)


def of_person(row: Any) -> Binding:
    """Return what is known of a person of a case: with the answers that told of them."""
    return bound("case_person", row.county_id, row.case_id, row.vault_id, row.id, row.field)


def of_paper(row: Any) -> Binding:
    """Return the words of a paper: with the kind that they are of."""
    return bound("paper", row.county_id, row.case_id, row.id, row.kind)


def of_signer(row: Any) -> Binding:
    """Return who signs at a place of a paper: with the paper and the place."""
    return bound("signature", row.county_id, row.case_id, row.paper_id, row.id, row.key)


def of_ink(row: Any) -> Binding:
    """Return the strokes of a signature: with the paper and the place."""
    return bound("signature.ink", row.county_id, row.case_id, row.paper_id, row.id, row.key)


def of_remark(row: Any) -> Binding:
    """Return what somebody said about a case, and to whom."""
    return bound("remark", row.county_id, row.case_id, row.author_id, row.unit_id, row.id)


def of_disclosure(row: Any) -> Binding:
    """Return why somebody asks to know a reporter: kind of request and who asks."""
    return bound("disclosure", row.county_id, row.case_id, row.asked_by, row.id, row.kind)


def of_file_name(row: Any) -> Binding:
    """Return the name of an attached file: with its content's hash, so that neither is
    exchanged.
    """
    return bound("attachment", row.id, row.digest)


def of_claims(row: Any) -> Binding:
    """Return what a sealed file says of the place and time where it was made."""
    return bound("attachment.claims", row.id, row.digest)


def of_draft(row: Any) -> Binding:
    """Return what somebody typed and has not sent."""
    return bound("draft", row.user_id, row.subject)


def of_contact(row: Any) -> Binding:
    """Somebody's own mail address and telephone number."""
    return bound("contact", row.user_id)


def of_channel(row: Any) -> Binding:
    """Return the secrets of a channel."""
    return bound("channel", row.id)


def of_second_factor(row: Any) -> Binding:
    """Return the secret that somebody shares with an authenticator app."""
    return bound("second_factor", row.user_id, row.id)


def of_citizen_photo(row: Any) -> Binding:
    """Return a photograph from outside that nobody has seen yet."""
    return bound("citizen_photo", row.county_id, row.case_id, row.id)


def of_citizen_letter(row: Any) -> Binding:
    """Return what a citizen wrote, or was written: with whose words they are."""
    return bound("citizen_letter", row.county_id, row.case_id, row.author_id, row.id, row.kind)


def of_citizen_code(row: Any) -> Binding:
    """Return where a code goes, until it is sent."""
    return bound("citizen_code", row.county_id, row.id)


def of_mediator(row: Any) -> Binding:
    """Return what the register keeps sealed of a mediator."""
    return bound("mediator", row.county_id, row.committee_id, row.id)


@dataclass(frozen=True)
class SealedColumn:
    """A column that holds payloads, and what each is bound to."""

    model: type[Base]
    name: str
    binding: Callable[[Any], Binding]


SEALED = (
    SealedColumn(VaultRow, "payload", of_answers),
    SealedColumn(CasePerson, "payload", of_person),
    SealedColumn(CitizenLetter, "payload", of_citizen_letter),
    SealedColumn(CitizenCode, "payload", of_citizen_code),
    SealedColumn(CitizenPhoto, "payload", of_citizen_photo),
    SealedColumn(Paper, "payload", of_paper),
    SealedColumn(PaperSignature, "payload", of_signer),
    SealedColumn(PaperSignature, "ink", of_ink),
    SealedColumn(Remark, "payload", of_remark),
    SealedColumn(Disclosure, "reason", of_disclosure),
    SealedColumn(Attachment, "name", of_file_name),
    SealedColumn(Attachment, "claims", of_claims),
    SealedColumn(FormDraft, "payload", of_draft),
    SealedColumn(Contact, "payload", of_contact),
    SealedColumn(Channel, "secrets", of_channel),
    SealedColumn(SecondFactor, "payload", of_second_factor),
    SealedColumn(Mediator, "payload", of_mediator),
)
