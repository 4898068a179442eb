"""Mail over SMTP."""

from __future__ import annotations

import smtplib
import socket
import ssl
from email.headerregistry import Address as MailAddress
from email.message import EmailMessage
from typing import Any

from engine.notices.channels.egress import NotSent, ServerAddress, at_most, connect, secured
from engine.notices.channels.message import ChannelSnapshot, Message
from feel.text import Text


class _Client(smtplib.SMTP):
    """SMTP over a connection that was checked, under TLS from the start if asked for."""

    def __init__(self, way: ChannelSnapshot) -> None:
        self.way = way
        super().__init__(timeout=way.seconds)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        made = connect(ServerAddress(host, port), timeout)
        return secured(made, host) if self.way.config["security"] == "tls" else made


def send(way: ChannelSnapshot, message: Message) -> int:
    """Send one mail; return the server's status. Raises NotSent."""
    letter = compose(way, message)
    client = _Client(way)
    with at_most(way.seconds, lambda: client.sock):
        try:
            _deliver(client, way, letter)
        except smtplib.SMTPServerDisconnected as error:
            # smtplib hides that it waited in vain.
            slow = isinstance(error.__context__, TimeoutError)
            raise (TimeoutError() if slow else ConnectionError()) from error
        except smtplib.SMTPException as error:
            raise _refused(error) from error
        finally:
            client.close()
    return 250


def compose(way: ChannelSnapshot, message: Message) -> EmailMessage:
    """Return the letter: the same id at every attempt, so that a second copy is known as one."""
    config = way.config
    letter = EmailMessage()
    letter["Subject"] = " ".join(message.subject.split())
    letter["From"] = MailAddress(config.get("sender_name", ""), addr_spec=config["sender"])
    letter["To"] = MailAddress(message.name, addr_spec=message.to.mail)
    letter["Date"] = message.at
    letter["Message-ID"] = f"<{message.key}@{config['sender'].rpartition('@')[2]}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(message.text)
    if message.html:
        letter.add_alternative(message.html, subtype="html")
    return letter


def _deliver(client: _Client, way: ChannelSnapshot, letter: EmailMessage) -> None:
    config = way.config
    client.connect(config["host"], config["port"])
    if config["security"] == "starttls":
        client.starttls(context=ssl.create_default_context())
    if config.get("login"):
        client.login(config["login"], way.secrets.get("password", ""))
    client.send_message(letter)
    try:
        client.quit()
    except (OSError, smtplib.SMTPException):
        # It was taken; how the server says good-bye changes nothing.
        return


def _refused(error: smtplib.SMTPException) -> NotSent:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = max(code for code, _words in error.recipients.values())
        said = Text(f"收件地址被拒收（{code}）。", f"The recipient was refused ({code}).")
        return NotSent(said, status=code, lasting=code >= 550)
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return _coded(error.smtp_code, "用户名或密码不正确", "login or password are wrong")
    status: Any = getattr(error, "smtp_code", None)
    known = status if isinstance(status, int) else None
    return _coded(known, "邮件服务器拒收", "the server refused")


def _coded(code: int | None, zh: str, en: str) -> NotSent:
    mark = f"（{code}）" if code else ""
    mark_en = f" ({code})" if code else ""
    said = Text(f"{zh}{mark}。", f"{en[0].upper()}{en[1:]}{mark_en}.")
    return NotSent(said, status=code, silent=code is None)
