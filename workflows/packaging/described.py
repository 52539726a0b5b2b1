"""What is in a package, for people: a page in Chinese and one in English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.events import Json
from engine.problems import Language

ZH = """# 督办审计包

本包是督办系统记录的完整副本，供不信任经办方的人离线核验。
范围：{scope}；截至 {last}；共 {streams} 条链、{events} 条记录，版次 {editions}。{rehearsal}

核验：在任何装有 Python 3.10 或更高版本的机器上运行 `python3 verify_package.py`（不需要网络和其他软件）。
返回 0 表示全部相符，1 表示有不符。
不信任本包的人，也不应信任包里的核验程序：请从别处取得同一程序，
或通读它（一个文件），或据 docs/audit-package.md 另写一个。
公钥和外部留存的树头也请从别处取得：`python3 verify_package.py --key 公钥 --head 树头文件`。

| 文件 | 内容 |
| --- | --- |
| `data/events.ndjson` | 每条记录一行，与库中所存一致；个人信息的行只留摘要 |
| `data/editions/` | 各版次的流程定义原文（YAML）及编译结果（JSON，条件为语法树） |
| `data/calendars/` | 各版工作日历 |
| `data/boards/` | 每月末的督办看板 |
| `data/files/`、`data/templates.json` | 佐证材料、公文及其模板，以摘要为文件名 |
| `data/tree/` | 全部记录之上的默克尔树的叶子和签名的树头（若已启用） |
| `data/package.json` | 范围与清点 |

取走本包一事已记录在案：{taken}。{missing}
"""

EN = """# Audit package of Duban

The record of a supervision office, whole, for somebody who does not trust that office to verify at home.
Scope: {scope}; until {last}; {streams} chains with {events} events; editions {editions}.{rehearsal}

To verify it: `python3 verify_package.py`, on any machine with Python 3.10 or later; it needs neither a network nor
anything else. It answers 0 where everything holds, 1 where something does not.
Whoever does not trust the package does not trust the verifier in it: take the same program from elsewhere, or read it
(it is one file), or write another one from docs/audit-package.md. Get the public key and heads of the tree from
elsewhere too: `python3 verify_package.py --key KEY --head FILE`.

| file | what it holds |
| --- | --- |
| `data/events.ndjson` | a line for each event, as it is stored; of personal lines the digest only |
| `data/editions/` | the text of each definition (YAML), and what it was compiled to (JSON, syntax trees) |
| `data/calendars/` | every version of the working calendars |
| `data/boards/` | how everything stood at the end of each month |
| `data/files/`, `data/templates.json` | evidence, documents and their templates, named by their digests |
| `data/tree/` | leaves and signed heads of the tree over all chains, where there is one |
| `data/package.json` | scope and counts |

That it was taken is on record: {taken}.{missing}
"""


def description(lang: Language, head: Mapping[str, Json], editions: Sequence[str]) -> str:
    """One of the two pages."""
    zh = lang == "zh"
    lacking = len(head["missing_files"])
    facts = {
        "scope": "、".join(head["tasks"]) or ("全部事项" if zh else "everything"),
        "last": head["until"] or head["last"],
        "streams": len(head["streams"]),
        "events": sum(head["streams"].values()),
        "editions": "、".join(editions) if zh else ", ".join(editions),
        "taken": head["taken"],
        "rehearsal": "" if head["purpose"] == "live" else _REHEARSAL[lang],
        "missing": _MISSING[lang].format(n=lacking) if lacking else "",
    }
    return (ZH if zh else EN).format(**facts)


_REHEARSAL = {"zh": "\n**这是推演库，不是真实记录。**", "en": "\n**This is a rehearsal, not a real record.**"}
_MISSING = {
    "zh": "记录中提到的文件有 {n} 个不在库中。",
    "en": " {n} files that the record names were not in the database.",
}
