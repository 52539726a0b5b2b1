"""Mail by SMTP: one message, one connection, a Message-ID that stays the same however often it is sent.

A server is believed by its certificate alone: the authorities are those of the system, or of the file that
`SSL_CERT_FILE` names.
"""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from urllib.parse import parse_qs, unquote, urlsplit

from engine.problems import BadSetting
from workflows.post.values import WRONG, Answer, Message, NotSent, Sent

SCHEMES = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
"""Plain, upgraded to TLS before anything is said, and TLS from the start; with their usual ports."""

PATIENCE = 30.0
"""Seconds for each answer of the server."""


class MailAddress(BadSetting):
    """The address of the mail server is none."""


@dataclass(frozen=True)
class Mail:
    """A mail server as `smtps://USER:PASSWORD@HOST:PORT?from=ADDRESS` says it; an address of a recipient is a mail
    address.
    """

    scheme: str
    host: str
    port: int
    sender: str
    user: str | None = None
    password: str | None = None
    patience: float = PATIENCE

    @classmethod
    def at(cls, url: str) -> Mail:
        """Read the address of a server. Raises MailAddress."""
        parts = urlsplit(url)
        sender = parse_qs(parts.query).get("from", [""])[0]
        try:
            port = parts.port
        except ValueError as error:
            raise MailAddress("DUBAN_MAIL：端口不是数字", "DUBAN_MAIL: the port is no number") from error
        if parts.scheme not in SCHEMES or not parts.hostname or "@" not in sender:
            raise MailAddress(
                "DUBAN_MAIL 应如 smtps://用户:密码@主机:端口?from=地址（smtp、smtp+starttls、smtps）",
                "DUBAN_MAIL is written smtps://USER:PASSWORD@HOST:PORT?from=ADDRESS (smtp, smtp+starttls, smtps)",
            )
        user, password = (unquote(part) if part else None for part in (parts.username, parts.password))
        return cls(parts.scheme, parts.hostname, port or SCHEMES[parts.scheme], sender, user, password)

    def send(self, message: Message) -> Answer:
        """See `workflows.post.ports.Courier`. A refusal for good (5xx) is final; all else may be tried again."""
        try:
            mail = self.letter(message)
        except ValueError as error:
            return NotSent(WRONG.en.format(why=error), final=True)
        try:
            with self._connection() as server:
                if self.user is not None:
                    server.login(self.user, self.password or "")
                server.send_message(mail, self.sender, [message.address])
                return Sent()
        except smtplib.SMTPRecipientsRefused as error:
            code, reason = next(iter(error.recipients.values()))
            return _refused(code, reason)
        except smtplib.SMTPAuthenticationError as error:  # the operator can cure it, so that it is worth another try
            return NotSent(f"{error.smtp_code} {_plain(error.smtp_error)}")
        except smtplib.SMTPResponseException as error:
            return _refused(error.smtp_code, error.smtp_error)
        except (smtplib.SMTPException, OSError) as error:
            return NotSent(f"{type(error).__name__}: {error}")

    def letter(self, message: Message) -> EmailMessage:
        """The mail. Raises ValueError for an address that is none."""
        mail = EmailMessage(policy=SMTP)
        mail["From"], mail["To"], mail["Subject"] = self.sender, message.address, message.subject
        mail["Message-ID"] = f"<{message.id}@{self.sender.rpartition('@')[2].rstrip('>')}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(message.text)
        return mail

    def _connection(self) -> smtplib.SMTP:
        if self.scheme == "smtps":
            context = ssl.create_default_context()
            return _Smtps(self.host, self.port, timeout=self.patience, context=context)
        server = _Smtp(self.host, self.port, timeout=self.patience)
        if self.scheme == "smtp+starttls":
            try:
                server.starttls(context=ssl.create_default_context())
            except BaseException:
                server.close()
                raise
        return server


class _Quiet(smtplib.SMTP):
    """After the message was accepted, a server that goes away without a farewell takes nothing back."""

    def __exit__(self, *_: object) -> None:
        try:
            self.quit()
        except (smtplib.SMTPException, OSError):
            self.close()


class _Smtp(_Quiet):
    """Plain."""


class _Smtps(_Quiet, smtplib.SMTP_SSL):
    """Over TLS."""


def _refused(code: int, reason: bytes | str) -> NotSent:
    return NotSent(f"{code} {_plain(reason)}", final=500 <= code < 600)


def _plain(reason: bytes | str) -> str:
    text = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else reason
    return " ".join(text.split())[:300]
