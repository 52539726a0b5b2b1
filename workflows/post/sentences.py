"""The post of a task in sentences: what was sent to whom, what failed, and who could not be told."""

from __future__ import annotations

import errno
import re

from engine.edition import Edition
from engine.events import instant
from engine.problems import Language, Text
from engine.reasons import Glossary, glossary, glossed, of_system
from engine.titles import Titles
from workflows.post.values import SAYINGS, PostEvent
from workflows.texts import KNOWN as TEMPLATES

SENTENCES = {
    "DeliveryPlanned": Text(
        "“{notice}”待发给 {recipient}（{channel}）", "{notice}: to be sent to {recipient} ({channel})"
    ),
    "Delivered": Text("“{notice}”已送达 {recipient}（{channel}）", "{notice}: accepted for {recipient} ({channel})"),
    "DeliveryFailed": Text(
        "“{notice}”第 {attempt} 次发给 {recipient}（{channel}）未成：{error}；{again_at} 再发",
        "{notice}: try {attempt} for {recipient} ({channel}) failed: {error}; again at {again_at}",
    ),
    "DeliveryGivenUp": Text(
        "“{notice}”发给 {recipient}（{channel}）共 {attempt} 次未成，不再发：{error}",
        "{notice}: given up for {recipient} ({channel}) after {attempt} tries: {error}",
    ),
    "DeliveryRetried": Text("“{notice}”再发给 {recipient}", "{notice}: to be sent to {recipient} once more"),
    "DeliveryFollowed": Text(
        "“{notice}”改按 {recipient} 现在的地址和语言发送（{channel}）",
        "{notice}: follows {recipient} to the address and language of now ({channel})",
    ),
    "DeliveryDropped": Text(
        "“{notice}”不再发给 {recipient}（{channel}）：原地址已删除",
        "{notice}: no longer sent to {recipient} ({channel}): the address is gone",
    ),
    "NobodyToTell": Text("“{notice}”无人可通知：没有人担任此角色", "{notice}: nobody holds the role that is told"),
    "RecipientUnreachable": Text("“{notice}”送不到 {recipient}：没有地址", "{notice}: {recipient} has no address"),
    "NoticeTextFailed": Text(
        "“{notice}”的文本有误，只发标题：{error}", "{notice}: its text failed, the title is sent: {error}"
    ),
}

_KNOWN: Glossary = {
    **TEMPLATES,
    **glossary(SAYINGS),
    r"address: .*": "地址不能用",
    r"ConnectionRefusedError: .*": of_system(errno.ECONNREFUSED).zh,
    r"(?:TimeoutError|timeout): .*|TimeoutError": of_system(errno.ETIMEDOUT).zh,
    r"gaierror: .*": "找不到这台主机",
    r"ConnectionResetError: .*|(?:RemoteDisconnected|SMTPServerDisconnected): .*": of_system(errno.ECONNRESET).zh,
    r"SSLCertVerificationError: .*": "对方的证书不可信",
}
"""Why a try failed, as the couriers record it in English; what the other side answered is quoted."""

CHANNELS = {
    "mail": Text("邮件", "mail"),
    "webhook": Text("接口", "webhook"),
    "chat": Text("群消息", "chat"),
}


def why_not(error: str, lang: Language) -> str:
    """Why a try failed, of which the record keeps the English."""
    part = re.match(r"(\d+)/(\d+): ", error)
    told = glossed(error[part.end() :] if part else error, _KNOWN).in_(lang)
    if part is None:
        return told
    return f"第 {part[1]} 段（共 {part[2]} 段）：{told}" if lang == "zh" else f"{part[0]}{told}"


def post_sentence(told: PostEvent, edition: Edition, lang: Language) -> str:
    """One event of a task's post, for people; times are local to the edition."""
    payload = told.payload
    about = payload.get("about") or {}
    again = about.get("again_at")
    shown = f"{instant(again).astimezone(edition.zone):%Y-%m-%d %H:%M}" if again else ""
    channel = str(payload.get("channel", ""))
    words = {
        "notice": Titles(edition, lang).notice(payload["notice"]),
        "recipient": about.get("recipient", "—"),
        "channel": CHANNELS[channel].in_(lang) if channel in CHANNELS else channel,
        "attempt": payload.get("attempt", ""),
        "error": why_not(about.get("error") or payload.get("error", ""), lang),
        "again_at": shown,
    }
    return SENTENCES[told.type].in_(lang).format_map(words)
