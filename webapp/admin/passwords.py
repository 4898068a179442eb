"""First passwords that an administrator hands over: shown once, kept by nobody."""

from __future__ import annotations

from flask import request

from webapp import passwords


def fresh_password() -> tuple[str, str]:
    """Return a first password and its hash.

    Made when the form is sent, before the transaction: hashing is slow on purpose.
    """
    if request.method != "POST":
        return "", ""
    password = passwords.fresh()
    return password, passwords.hashed(password)
