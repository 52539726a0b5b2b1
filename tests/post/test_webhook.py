"""Calls to addresses that users name: one effect for each key, and no door inside opens."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from collections.abc import Sequence
from datetime import timedelta

import pytest

from post.addresses import Inside, checked, networks, public
from post.providers import couriers
from post.webhook import Webhook
from tests.post.conftest import Stage
from tests.post.servers import http_server
from workflows.clock import wall
from workflows.post.planning import plan_all
from workflows.post.sending import Round, deliver
from workflows.post.values import Message, NotSent, Sent

LOOPBACK = networks(["127.0.0.0/8"])


def message(address: str, key: str = "k1") -> Message:
    return Message(key, address, "预警", "《供水》滞后", {"notices": []})


def allowed(**more: float) -> Webhook:
    return Webhook("secret", LOOPBACK, patience=more.get("patience", 2.0))


def test_a_call_carries_its_key_and_a_signature_over_its_body() -> None:
    with http_server() as end:
        assert isinstance(allowed().send(message(end.url + "?a=1")), Sent)
    [call] = end.calls
    assert call["path"] == "/hook?a=1"
    assert call["headers"]["Idempotency-Key"] == "k1"
    assert call["headers"]["Host"] == f"127.0.0.1:{end.port}"
    signed = hmac.new(b"secret", call["body"], hashlib.sha256).hexdigest()
    assert call["headers"]["X-Duban-Signature"] == f"sha256={signed}"


@pytest.mark.parametrize(
    ("fault", "calls"), [("drop before", 2), ("drop after", 2), ("503", 2), ("429", 2), ("slow", 2), ("", 1)]
)
def test_no_call_is_lost_and_each_key_has_one_effect(stage: Stage, fault: str, calls: int) -> None:
    """Whatever fails, it is called again under the same key, and the other side acts once."""
    with http_server(fault) as end:
        stage.user("li", "office", mail=None, channels=[end.url])
        stage.lag()
        plan_all(stage.desk, stage.office.people, stage.post)
        on = Round(stage.post, {"webhook": allowed(patience=1.5)}, stage.desk.clock, chance=lambda: 0.0)
        first = deliver(on)
        stage.move(stage.desk.clock() + timedelta(hours=3))
        second = deliver(on)
    assert first.sent + second.sent == 1
    assert len(end.calls) == calls
    assert list(end.effects.values()) == [1]
    assert len({call["headers"]["Idempotency-Key"] for call in end.calls}) == 1


@pytest.mark.parametrize("fault", ["301", "302", "307", "308"])
def test_a_redirect_is_not_followed(fault: str) -> None:
    with http_server(fault) as end:
        answer = allowed().send(message(end.url))
    assert answer == NotSent(f"HTTP {fault}", final=True)
    assert [call["path"] for call in end.calls] == ["/hook"]


def test_an_answer_without_end_is_read_up_to_a_limit() -> None:
    with http_server("endless") as end:
        answer = allowed().send(message(end.url))
    assert answer == Sent("HTTP 200 (more than is read)")


def test_an_answer_byte_by_byte_ends_with_the_patience() -> None:
    """Each byte comes in time, the whole does not."""
    with http_server("slow") as end:
        assert isinstance(allowed(patience=0.3).send(message(end.url)), NotSent)


INSIDE = [
    "127.0.0.1", "127.8.9.1", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "0.0.0.0",  # noqa: S104 - nothing is bound here
    "100.64.0.1", "100.127.255.255", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "192.0.0.8",
    "198.18.0.1", "192.88.99.1", "192.0.2.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1",
    "64:ff9b:1::1", "2002:7f00:1::", "2001:0:7f00:1::", "fec0::1", "2001:db8::1", "100::1", "::ffff:0:127.0.0.1",
]  # fmt: skip
OUTSIDE = ["8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700:4700::1111", "240e::1"]


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_inside_is_refused(address: str) -> None:
    with pytest.raises(Inside):
        checked("hook.example", 443, lambda *_: [address], ())


@pytest.mark.parametrize("address", OUTSIDE)
def test_a_public_address_is_not(address: str) -> None:
    assert public(ipaddress.ip_address(address))
    assert checked("hook.example", 443, lambda *_: [address], ()) == address


def test_a_name_with_one_address_inside_is_refused_as_a_whole() -> None:
    with pytest.raises(Inside):
        checked("hook.example", 443, lambda *_: ["8.8.8.8", "10.0.0.1"], ())


class Canary:
    """A port on loopback that nobody may knock at, under every name for it."""

    FORMS = (
        "http://127.0.0.1:{port}/", "http://localhost:{port}/", "http://127.1:{port}/", "http://0x7f000001:{port}/",
        "http://2130706433:{port}/", "http://0177.0.0.1:{port}/", "http://[::ffff:127.0.0.1]:{port}/",
        "http://[::1]:{port}/", "http://0.0.0.0:{port}/", "http://0:{port}/", "http://127.0.0.1.:{port}/",
        "http://user@127.0.0.1:{port}/", "http://hook.example@127.0.0.1:{port}/", "http://127.0.0.1:{port}\\@8.8.8.8/",
        "http://127.0.0.1:{port}\r\nX: y/", "ftp://127.0.0.1:{port}/", "file:///etc/passwd",
        "gopher://127.0.0.1:{port}/",
        "https://127.0.0.1:{port}/", "http://LOCALHOST:{port}/", "http:///hook", "http://[::]:{port}/",
        "//127.0.0.1:{port}",
    )  # fmt: skip


@pytest.mark.parametrize("form", Canary.FORMS)
def test_nobody_knocks_at_a_door_inside(form: str) -> None:
    """By the system's own resolver, in every way of writing it: refused for good, or no such name, and no call."""
    with http_server() as end:
        answer = Webhook().send(message(form.format(port=end.port)))
    assert isinstance(answer, NotSent)
    assert end.calls == []


def test_a_name_that_changes_its_address_is_called_where_it_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Resolved once: what the name means when the connection is made is not asked."""
    answers: list[Sequence[str]] = [["8.8.8.8"], ["127.0.0.1"], ["127.0.0.1"]]
    called: list[tuple[str, int]] = []

    def refuse(address: tuple[str, int], _timeout: float) -> None:
        called.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr("post.calls.socket.create_connection", refuse)
    monkeypatch.setattr("socket.getaddrinfo", lambda *_: pytest.fail("it was resolved again"))
    hook = Webhook(resolver=lambda *_: answers.pop(0))
    assert isinstance(hook.send(message("https://hook.example/x")), NotSent)
    assert called == [("8.8.8.8", 443)]
    assert len(answers) == 2


@pytest.mark.parametrize("url", ["http://hook.example/", "https://hook.example:22/", "https://hook.example:8443/"])
def test_a_public_address_is_called_over_tls_at_its_usual_port(url: str) -> None:
    answer = Webhook(resolver=lambda *_: ["8.8.8.8"]).send(message(url))
    assert isinstance(answer, NotSent)
    assert answer.final


def test_tls_is_for_the_name_and_not_for_the_address() -> None:
    """A certificate of nobody is no certificate: the endpoint speaks no TLS at all, and gets nothing."""
    with http_server() as end:
        hook = Webhook(allowed=LOOPBACK, resolver=lambda *_: ["127.0.0.1"])
        answer = hook.send(message(f"https://hook.example:{end.port}/"))
    assert isinstance(answer, NotSent)
    assert end.calls == []


def test_settings_name_the_couriers() -> None:
    """Without a mail server there is no mail; a network that is none is refused."""
    assert sorted(couriers({}, wall)) == ["chat", "webhook"]
    assert sorted(couriers({"DUBAN_MAIL": "smtp://h?from=a@b"}, wall)) == ["chat", "mail", "webhook"]
    with pytest.raises(ValueError, match="is no network such as"):
        couriers({"DUBAN_WEBHOOK_ALLOW": "here"}, wall)
