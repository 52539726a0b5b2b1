"""Groups of WeCom, DingTalk and Feishu (Lark): a robot of the group is called at the fixed host of its service.

These services answer HTTP 200 to nearly everything: whether a message was taken stands in a code within the answer.
They know no identity of a message, so that a repeat is a repeat; each takes texts up to a limit, and some twenty a
minute. What is too long goes out in parts.

Sources: developer.work.weixin.qq.com/document/path/91770 and 90313, open.dingtalk.com/document/orgapp/
custom-robot-access, open.feishu.cn/document/client-docs/bot-v3/add-custom-bot.
"""

from __future__ import annotations

import hmac
import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote, quote_plus, unquote

from post.addresses import Inside
from post.calls import PROBLEMS, Answered, Line, target_of
from post.webhook import RETRIED
from workflows.post.values import CHAT, NO_CHAT, UNREADABLE, WRONG, Answer, Message, NotSent, Sent, channel_of

_ADDRESS = re.compile(r"(?P<scheme>[a-z]+)://(?:(?P<secret>[^@/?\s]+)@)?(?P<token>[A-Za-z0-9_-]+)/?")


@dataclass(frozen=True)
class Call:
    """What a robot is called with: the parts of its address, a text, and the time in seconds since 1970."""

    token: str
    secret: str
    text: str
    now: float


@dataclass(frozen=True)
class Service:
    """A service: its host, how a call is made, and how its answers are read.

    `longest` are the bytes of a text. `final` are codes that another try does not change: of a robot that is gone, or
    of a text that is not taken; all others (too many calls, a keyword or a signature that is wanted, an address that
    is not on the group's list) may be cured.
    """

    host: str
    path: Callable[[Call], str]
    body: Callable[[Call], Mapping[str, Any]]
    codes: Sequence[str]
    longest: int
    final: frozenset[int]


def _signed(key: str, said: str) -> str:
    return b64encode(hmac.new(key.encode(), said.encode(), "sha256").digest()).decode()


def _dingtalk_path(call: Call) -> str:
    path = f"/robot/send?access_token={quote(call.token)}"
    if not call.secret:
        return path
    stamp = round(call.now * 1000)
    sign = _signed(call.secret, f"{stamp}\n{call.secret}")
    return f"{path}&timestamp={stamp}&sign={quote_plus(sign)}"


def _feishu_body(call: Call) -> Mapping[str, Any]:
    body = {"msg_type": "text", "content": {"text": call.text}}
    if not call.secret:
        return body
    stamp = str(int(call.now))
    return {"timestamp": stamp, "sign": _signed(f"{stamp}\n{call.secret}", ""), **body}


def _text(call: Call) -> Mapping[str, Any]:
    return {"msgtype": "text", "text": {"content": call.text}}


def _feishu(host: str) -> Service:
    return Service(
        host=host,
        path=lambda call: f"/open-apis/bot/v2/hook/{quote(call.token)}",
        body=_feishu_body,
        codes=("code", "StatusCode"),
        longest=18_000,
        final=frozenset({9499, 19001}),
    )


SERVICES: Mapping[str, Service] = {
    "wecombot": Service(
        host="https://qyapi.weixin.qq.com",
        path=lambda call: f"/cgi-bin/webhook/send?key={quote(call.token)}",
        body=_text,
        codes=("errcode",),
        longest=2048,
        final=frozenset({40058, 93000}),
    ),
    "dingtalk": Service(
        host="https://oapi.dingtalk.com",
        path=_dingtalk_path,
        body=_text,
        codes=("errcode",),
        longest=18_000,
        final=frozenset(
            {300001, 300005, 400013, 400101, 400102, 400105, 400106, 430101, 430102, 430103, 430104, 460101}
        ),
    ),
    "feishu": _feishu("https://open.feishu.cn"),
    "lark": _feishu("https://open.larksuite.com"),
}
"""By the scheme of an address."""


@dataclass(frozen=True)
class Chats:
    """Sends to a group's robot by its address, as `NO_CHAT` shows it."""

    clock: Callable[[], datetime]
    """The wall's: a signature holds for an hour."""
    line: Line = field(default_factory=Line)
    services: Mapping[str, Service] = field(default_factory=lambda: SERVICES)

    def send(self, message: Message) -> Answer:
        """See `workflows.post.ports.Courier`. Where a later part is not taken, all are sent again."""
        found = _ADDRESS.fullmatch(message.address.strip())
        if found is None or channel_of(message.address) != CHAT or found["scheme"] not in self.services:
            return NotSent(WRONG.filled(why=NO_CHAT).en, final=True)
        service, secret = self.services[found["scheme"]], unquote(found["secret"] or "")
        parts = list(split(message.subject, message.text, service.longest))
        for number, text in enumerate(parts, 1):
            answer = self._sent(service, Call(found["token"], secret, text, self.clock().timestamp()))
            if isinstance(answer, NotSent):
                return NotSent(f"{number}/{len(parts)}: {answer.reason}", answer.final) if len(parts) > 1 else answer
        return Sent()

    def _sent(self, service: Service, call: Call) -> Answer:
        body = json.dumps(service.body(call), ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json; charset=utf-8"}
        try:
            return judged(service, self.line.post(target_of(service.host + service.path(call)), body, headers))
        except Inside as error:  # the name of the service leads inside: a resolver at fault may be cured
            return NotSent(WRONG.en.format(why=error))
        except PROBLEMS as error:
            return NotSent(f"{type(error).__name__}: {error}"[:300])


def judged(service: Service, answered: Answered) -> Answer:
    """Taken is what is answered with 200 and the code 0; an answer that nobody can read is none."""
    told = _read(answered.body)
    code = next((told[name] for name in service.codes if isinstance(told.get(name), int)), None)
    said = str(next((told[name] for name in ("errmsg", "msg", "StatusMessage") if told.get(name)), ""))
    shown = " ".join(f"{'' if code is None else code} {said}".split())[:250]
    if answered.status != 200:
        final = answered.status < 500 and answered.status not in RETRIED and (code is None or code in service.final)
        return NotSent(f"HTTP {answered.status} {shown}".strip(), final)
    if code is None:
        return NotSent(UNREADABLE.en)
    return Sent() if code == 0 else NotSent(shown, code in service.final)


def _read(body: bytes) -> Mapping[str, Any]:
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def split(subject: str, text: str, longest: int) -> Iterator[str]:
    """The message in parts of at most `longest` bytes, each under the subject, cut between lines where that goes."""
    whole = f"{subject}\n{text}"
    if len(whole.encode()) <= longest:
        yield whole
        return
    head = _cut(subject, longest // 4)
    room = longest - len(head.encode()) - len("（999/999）\n".encode())
    parts = list(_parts(text, room))
    yield from (f"{head}（{number}/{len(parts)}）\n{part}" for number, part in enumerate(parts, 1))


def _parts(text: str, room: int) -> Iterator[str]:
    part = ""
    for line in text.split("\n"):
        rest = f"{part}\n{line}" if part else line
        if part and len(rest.encode()) > room:
            yield part
            rest = line
        while len(rest.encode()) > room:
            piece = _cut(rest, room)
            yield piece
            rest = rest[len(piece) :]
        part = rest
    if part:
        yield part


def _cut(text: str, room: int) -> str:
    """As many whole characters as fit."""
    return text.encode()[:room].decode("utf-8", "ignore")
