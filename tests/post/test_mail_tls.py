"""Mail over TLS, from the start and by STARTTLS, against a real SMTP server: nobody's certificate gets nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from post.mail import Mail
from tests.post.certificates import Certificate, certificate
from tests.post.servers import Mailbox, mail_server
from workflows.post.values import Message, NotSent, Sent

MESSAGE = Message("k1", "li@city.example", "预警", "《供水》滞后", {"notices": []})
SCHEMES = ("smtps", "smtp+starttls")


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Certificate:
    """The certificate that this machine trusts: as an operator adds the one of a house's own authority."""
    made = certificate(tmp_path, "localhost")
    monkeypatch.setenv("SSL_CERT_FILE", str(made.public))
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    return made


def mail(scheme: str, box: Mailbox, host: str = "localhost") -> Mail:
    return Mail.at(f"{scheme}://duban:geheim@{host}:{box.port}?from=duban@city.example")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_mail_is_sent_over_tls_with_the_password_inside(own: Certificate, scheme: str) -> None:
    with mail_server(tls=own, at_once=scheme == "smtps", password="geheim") as box:
        assert isinstance(mail(scheme, box).send(MESSAGE), Sent)
    assert [str(each["Message-ID"]) for each in box.mails] == ["<k1@city.example>"]
    assert box.logins == [("duban", "geheim", True)]


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("wrong", ["of nobody", "of another host", "over"])
def test_a_wrong_certificate_is_refused_and_gets_neither_mail_nor_password(
    own: Certificate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scheme: str, wrong: str
) -> None:
    shown = own
    if wrong == "of nobody":
        (tmp_path / "other").mkdir()
        shown = certificate(tmp_path / "other", "localhost")
    elif wrong == "over":
        shown = certificate(tmp_path, "localhost", days=-1)
        monkeypatch.setenv("SSL_CERT_FILE", str(shown.public))
    host = "127.0.0.1" if wrong == "of another host" else "localhost"
    with mail_server(tls=shown, at_once=scheme == "smtps", password="geheim") as box:
        answer = mail(scheme, box, host).send(MESSAGE)
    assert isinstance(answer, NotSent)
    assert "certificate" in answer.reason.lower()
    assert not answer.final, "whoever keeps the server can cure it"
    assert (box.mails, box.logins) == ([], [])


def test_a_server_that_offers_no_tls_gets_neither_mail_nor_password() -> None:
    """Somebody on the line may hide the offer: what should be protected is not sent in the clear."""
    with mail_server() as box:
        answer = mail("smtp+starttls", box).send(MESSAGE)
    assert isinstance(answer, NotSent)
    assert "STARTTLS" in answer.reason
    assert (box.mails, box.logins) == ([], [])


def test_a_server_that_speaks_plainly_where_tls_is_wanted_gets_nothing() -> None:
    with mail_server() as box:
        answer = mail("smtps", box).send(MESSAGE)
    assert isinstance(answer, NotSent)
    assert box.mails == []


def test_a_wrong_password_is_told_and_may_be_cured(own: Certificate) -> None:
    with mail_server(tls=own, at_once=True, password="another") as box:
        answer = mail("smtps", box).send(MESSAGE)
    assert isinstance(answer, NotSent)
    assert answer.reason.startswith("535")
    assert not answer.final
