"""First passwords that administrators hand over: shown once, kept by nobody.

Where two administrators have to agree, each of them learns one half: neither gets in alone.
"""

from __future__ import annotations

from flask import render_template, request

from engine.models import User
from engine.records import vault
from webapp import passwords

HALF = 2


def fresh_password() -> tuple[str, str]:
    """Return a first password and its hash.

    Made when the form is sent, before the transaction: hashing is slow on purpose.
    """
    if request.method != "POST":
        return "", ""
    password = passwords.fresh()
    return password, passwords.hashed(password)


def asked_half(request_id: int) -> str:
    """Return the half that whoever asks for a reset hands over; it follows from the request."""
    return passwords.derived(vault.blind("first-password", str(request_id)), HALF)


def confirmed_half(request_id: int) -> tuple[str, str]:
    """Return the half that whoever confirms a reset hands over, and the hash of both together."""
    half = passwords.fresh(HALF)
    return half, passwords.hashed(f"{asked_half(request_id)}-{half}")


def page(user: User, password: str, half: str = "") -> str:
    """Return the only page that ever shows a password; nobody may keep a copy of it.

    ``half`` says which half of it this is: ``first`` of the person who asks, ``second``.
    """
    return render_template("admin/password.html", user=user, password=password, half=half)
