"""What is said where a head was not stamped, or a stamp is not believed, with what would help."""

from __future__ import annotations

from collections.abc import Mapping

from engine.problems import Text

_ANOTHER = Text("请稍后再试，或换一个机构", "try again later, or ask another authority")
_SHOWN = Text("没有留存；请换一个机构，或问它为何", "nothing was kept: ask another authority, or this one why")
_LOOK = Text(
    "请核对时间戳与树头是否配对，机构证书是否从可靠的来处得来",
    "see whether the stamp is of this head, and whether the certificates are those of the authority",
)

WHY: Mapping[str, tuple[Text, Text]] = {
    "stamp_address": (
        Text("{tsa} 不是可用的地址（{reason}）", "{tsa} is no address that can be called ({reason})"),
        Text("请写成 https://主机/路径", "write https://HOST/PATH"),
    ),
    "stamp_silent": (
        Text(
            "时间戳机构 {tsa} 没有在 {seconds} 秒内作答（{reason}）",
            "the time stamping authority {tsa} gave no answer within {seconds} seconds ({reason})",
        ),
        Text(
            "请检查地址以及本机能否访问它，或换一个机构",
            "see to the address and whether this machine may reach it, or ask another authority",
        ),
    ),
    "stamp_status": (
        Text("{tsa} 以 HTTP {status} 作答，没有时间戳", "{tsa} answered HTTP {status} and no stamp"),
        Text(
            "请核对该机构的时间戳地址（不跟随跳转）",
            "see to the address at which it stamps; nobody is followed elsewhere",
        ),
    ),
    "stamp_large": (
        Text("{tsa} 的回答超过 {bytes} 字节，未读完", "what {tsa} answers is over {bytes} bytes, and was not read"),
        _ANOTHER,
    ),
    "stamp_unread": (
        Text("这不是可读的时间戳（{reason}）", "this is no time stamp that can be read ({reason})"),
        Text(
            "请核对文件，或机构的地址是否为其时间戳地址",
            "see to the file, or whether the authority stamps at this address",
        ),
    ),
    "stamp_refused": (
        Text(
            "时间戳机构不予盖戳（状态 {status}：{reason}）",
            "the time stamping authority does not grant it (status {status}: {reason})",
        ),
        _ANOTHER,
    ),
    "stamp_nonce": (
        Text(
            "回答不是针对这次请求的（随机数不符）：可能是旧回答重放",
            "the answer is not to this question (another nonce): an old one may have been sent again",
        ),
        _SHOWN,
    ),
    "stamp_other": (
        Text("这个时间戳盖的不是这份树头", "the time stamp is not of these bytes of a head"),
        Text(
            "请给出盖戳时的树头文件，一个字节都不能变（FILE.head）",
            "give the head as it was stamped, byte for byte (FILE.head)",
        ),
    ),
    "stamp_untrue": (
        Text("时间戳不可信（{reason}）", "the time stamp is not to be believed ({reason})"),
        _LOOK,
    ),
    "stamp_roots": (
        Text("证书文件里没有 PEM 证书（{reason}）", "the file holds no certificates in PEM ({reason})"),
        Text("请从时间戳机构取得根证书", "get the root certificates from the authority"),
    ),
    "stamp_no_roots": (
        Text("没有写明凭哪些证书核验时间戳", "nothing says by which certificates the stamp is verified"),
        Text("请写 --ca 证书.pem", "say --ca CERTS.pem"),
    ),
    "stamp_no_head": (
        Text("这不是签署的树头：{reason}", "this is no signed head: {reason}"),
        Text("请用 duban seal head 打印的文本", "give the text that duban seal head prints"),
    ),
    "stamp_headless": (
        Text("找不到时间戳 {file} 的树头 {head}", "the head of the stamp {file} is not there: {head}"),
        Text("请用 --head 指明，或把树头放在旁边", "name it with --head, or put it beside the stamp"),
    ),
    "stamp_there": (
        Text("文件 {file} 已在：旧时间戳更早，更有用", "{file} is there: an older stamp is earlier, and worth more"),
        Text("请用 --out 另写一个文件", "name another file with --out"),
    ),
}
"""Each refusal: the reason and the cure."""
