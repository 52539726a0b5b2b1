"""Groups of WeCom, DingTalk and Feishu, against a server on loopback that answers as their documentation says."""

from __future__ import annotations

import hmac
import json
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from post.addresses import networks
from post.calls import Line
from post.chats import SERVICES, Chats, split
from tests.limits import listening
from workflows.post.values import Message, NotSent, Sent

ADDRESSES = {
    "wecombot": "wecombot://693a91f6-7xxx-4bc4",
    "dingtalk": "dingtalk://0a1B2c3D",
    "feishu": "feishu://f19-Ab_c",
}
OK: Mapping[str, Mapping[str, Any]] = {
    "wecombot": {"errcode": 0, "errmsg": "ok"},
    "dingtalk": {"errcode": 0, "errmsg": "ok"},
    "feishu": {"StatusCode": 0, "StatusMessage": "success", "code": 0, "data": {}, "msg": "success"},
}
SERVED = {"cgi-bin": "wecombot", "robot": "dingtalk", "open-apis": "feishu"}
NOW = datetime.fromtimestamp(1_650_000_000.25, UTC)


@dataclass
class Host:
    """What was asked, in order; `answers` are given one by one, each a status and a body, then all is well."""

    answers: list[tuple[int, bytes]] = field(default_factory=list)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    port: int = 0

    @property
    def texts(self) -> list[str]:
        return [
            (body.get("text") or body["content"]).get("content") or body["content"]["text"] for _, body in self.asked
        ]


@contextmanager
def host(*answers: tuple[int, Any]) -> Iterator[Host]:
    made = Host([(status, body if isinstance(body, bytes) else json.dumps(body).encode()) for status, body in answers])

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            assert self.headers["Content-Type"].startswith("application/json")
            made.asked.append((self.path, body))
            service = next(
                name for name in OK if {"w": "cgi-bin", "d": "robot", "f": "open-apis"}[name[0]] in self.path
            )
            status, answer = made.answers.pop(0) if made.answers else (200, json.dumps(OK[service]).encode())
            self.send_response(status)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.port = server.server_address[1]
    with listening(server):
        yield made


def chats(on: Host) -> Chats:
    here = f"http://127.0.0.1:{on.port}"
    services = {name: replace(service, host=here) for name, service in SERVICES.items()}
    return Chats(lambda: NOW, Line(networks(["127.0.0.0/8"]), patience=2), services)


def message(address: str, text: str = "《供水》滞后\nhttps://duban.example/tasks/1") -> Message:
    return Message("k1", address, "【督办】预警", text, {"notices": []})


def test_each_service_is_called_as_it_documents_it() -> None:
    with host() as on:
        for address in ADDRESSES.values():
            assert isinstance(chats(on).send(message(address)), Sent)
    assert [path for path, _ in on.asked] == [
        "/cgi-bin/webhook/send?key=693a91f6-7xxx-4bc4",
        "/robot/send?access_token=0a1B2c3D",
        "/open-apis/bot/v2/hook/f19-Ab_c",
    ]
    text = "【督办】预警\n《供水》滞后\nhttps://duban.example/tasks/1"
    wecom, dingtalk, feishu = (body for _, body in on.asked)
    assert wecom == dingtalk == {"msgtype": "text", "text": {"content": text}}
    assert feishu == {"msg_type": "text", "content": {"text": text}}


def test_the_hosts_are_those_of_the_services() -> None:
    assert {name: service.host for name, service in SERVICES.items()} == {
        "wecombot": "https://qyapi.weixin.qq.com",
        "dingtalk": "https://oapi.dingtalk.com",
        "feishu": "https://open.feishu.cn",
        "lark": "https://open.larksuite.com",
    }


def test_calls_are_signed_where_the_robot_wants_it() -> None:
    """DingTalk: milliseconds, in the address. Feishu: seconds, in the body, and the secret is part of the key."""
    with host() as on:
        assert isinstance(chats(on).send(message("dingtalk://SEC%2Bx@tok")), Sent)
        assert isinstance(chats(on).send(message("feishu://SECx@tok")), Sent)
    asked = parse_qs(urlsplit(on.asked[0][0]).query)
    signed = hmac.new(b"SEC+x", b"1650000000250\nSEC+x", "sha256").digest()
    assert (asked["timestamp"], asked["sign"]) == (["1650000000250"], [b64encode(signed).decode()])
    body = on.asked[1][1]
    assert body["timestamp"] == "1650000000"
    assert body["sign"] == b64encode(hmac.new(b"1650000000\nSECx", b"", "sha256").digest()).decode()


@pytest.mark.parametrize(
    ("service", "status", "body", "final"),
    [
        ("wecombot", 200, {"errcode": 45009, "errmsg": "api freq out of limit"}, False),
        ("wecombot", 200, {"errcode": 93000, "errmsg": "invalid webhook url, hint: [1]"}, True),
        ("wecombot", 200, {"errcode": 40058, "errmsg": "content exceed max length"}, True),
        ("wecombot", 200, {"errcode": -1, "errmsg": "system busy"}, False),
        ("dingtalk", 200, {"errcode": 130101, "errmsg": "send too fast, exceed 20 times per minute"}, False),
        ("dingtalk", 200, {"errcode": 410100, "errmsg": "发送速度太快而限流"}, False),
        ("dingtalk", 200, {"errcode": 310000, "errmsg": "keywords not in content"}, False),
        ("dingtalk", 200, {"errcode": 300005, "errmsg": "token is not exist"}, True),
        ("dingtalk", 200, {"errcode": 460101, "errmsg": "message 长度过长"}, True),
        ("feishu", 200, {"code": 19024, "msg": "Key Words Not Found", "data": {}}, False),
        ("feishu", 200, {"code": 19021, "msg": "sign match fail or timestamp is not within one hour"}, False),
        ("feishu", 200, {"code": 19001, "msg": "param invalid: incoming webhook access token invalid"}, True),
        ("feishu", 200, {"StatusCode": 11232, "StatusMessage": "frequency limited"}, False),
        ("feishu", 429, {"code": 11232, "msg": "frequency limited psm[lark.oapi.app_platform_runtime]"}, False),
        ("feishu", 400, {"code": 9499, "msg": "Bad Request", "data": {}}, True),
        ("dingtalk", 200, b"<html>portal: please sign in</html>", False),
        ("wecombot", 200, b"[]", False),
        ("wecombot", 200, {"errcode": "0"}, False),
        ("wecombot", 502, b"", False),
        ("wecombot", 404, b"", True),
        ("wecombot", 302, b"", True),
    ],
)
def test_what_was_not_taken_is_not_sent(service: str, status: int, body: Any, final: bool) -> None:
    """A code within a 200 counts as the failure that it is, is told, and is final only where no try can help."""
    with host((status, body)) as on:
        first = chats(on).send(message(ADDRESSES[service]))
        again = chats(on).send(message(ADDRESSES[service]))
    assert isinstance(first, NotSent)
    assert first.final is final
    if isinstance(body, dict) and body.get("errcode") != "0":
        code = next(iter(body.values()))
        assert str(code) in first.reason
    assert isinstance(again, Sent)


@pytest.mark.parametrize("service", list(ADDRESSES))
def test_what_is_too_long_goes_out_in_parts_and_nothing_is_lost(service: str) -> None:
    lines = [f"{number}. 《{'长' * 30}》滞后，请于三日内说明原因" for number in range(1, 400)]
    with host() as on:
        assert isinstance(chats(on).send(message(ADDRESSES[service], "\n".join(lines))), Sent)
    assert len(on.texts) > 1
    assert all(len(text.encode()) <= SERVICES[service].longest for text in on.texts)
    assert [line for text in on.texts for line in text.split("\n")[1:]] == lines
    assert on.texts[0].startswith(f"【督办】预警（1/{len(on.texts)}）\n")


def test_a_line_longer_than_a_message_is_cut_between_characters() -> None:
    text = "字" * 5000
    parts = list(split("题", text, 2048))
    assert "".join(part.split("\n")[1] for part in parts) == text
    assert all(len(part.encode()) <= 2048 for part in parts)


def test_a_part_that_is_not_taken_is_named_and_the_message_is_tried_again() -> None:
    with host((200, OK["wecombot"]), (200, {"errcode": 45009, "errmsg": "api freq out of limit"})) as on:
        answer = chats(on).send(message(ADDRESSES["wecombot"], "\n".join(["行" * 300] * 5)))
    assert answer == NotSent("2/3: 45009 api freq out of limit", final=False)
    assert len(on.asked) == 2


@pytest.mark.parametrize(
    "address",
    [
        "json://127.0.0.1/", "mailtos://a:b@host", "wecombot://", "wecombot://a, json://127.0.0.1/", "file:///etc/passwd",
        "wecombot://a/../../x", "dingtalk://t?host=127.0.0.1", "feishu://a b", "wecombot://钥",
    ],
)  # fmt: skip
def test_an_address_that_is_none_calls_nobody(address: str) -> None:
    with host() as on:
        answer = chats(on).send(message(address))
    assert isinstance(answer, NotSent)
    assert answer.final
    assert on.asked == []


def test_a_service_whose_name_leads_inside_is_not_called() -> None:
    """A resolver that lies must not send a message with its token to a machine inside."""
    with host() as on:
        lying = Chats(lambda: NOW, Line(resolver=lambda *_: ["127.0.0.1"]))
        answer = lying.send(message(ADDRESSES["wecombot"]))
    assert isinstance(answer, NotSent)
    assert "inside" in answer.reason
    assert on.asked == []
