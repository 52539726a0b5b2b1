"""The command line: the commands by name. Each is imported from `commands` when it is called, so that `duban --help`
answers at once.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from keyword import iskeyword
from typing import Any

import click

from commands.misuse import in_words
from commands.session import session
from commands.speech import LANG, Context, asked_in, language, speaking

COMMANDS: dict[str, tuple[str, str, str]] = {
    "demo": ("commands.demo", "演示两市全年督办", "Two cities' supervision years, lived through"),
    "init": ("commands.database", "新建数据库", "Make a new database"),
    "upgrade": ("commands.database", "升级数据库结构", "Bring a database to this program's schema"),
    "backup": ("commands.backup", "备份整个数据库", "Back up the whole database"),
    "restore": ("commands.backup", "把备份恢复到空库", "Restore a backup into an empty database"),
    "user": ("commands.users", "用户：添加、密码、停用", "Users: add, passwords, close"),
    "unit": ("commands.units", "单位：设立、并入、撤销", "Units: found, merge, close"),
    "role": ("commands.units", "角色：任命、接任、代理", "Roles: grant, succeed, deputise"),
    "token": ("commands.users", "令牌：供程序调用接口", "Tokens, with which programs call"),
    "check": ("commands.authoring", "检查流程定义", "Check definitions, with all problems and positions"),
    "prove": ("commands.authoring", "证明定义的性质", "Prove the properties of a definition"),
    "schema": ("commands.authoring", "输出定义语言的 JSON Schema", "Print the JSON Schema of the language"),
    "rehearse": ("commands.rehearsing", "推演", "Rehearse a definition over a real calendar"),
    "backtest": ("commands.backtests", "回测", "Recorded history under a draft"),
    "diagram": ("commands.pictures", "状态图", "The states of a definition as a picture"),
    "diff": ("commands.comparing", "比较两个版次的含义", "How two editions differ in meaning, and whom it touches"),
    "publish": ("commands.editions", "报批或发布流程定义", "Submit a definition, or publish it"),
    "approve": ("commands.editions", "批准版次或迁移方案", "Approve an edition, or a migration"),
    "return": ("commands.editions", "退回版次或迁移方案", "Return an edition, or a migration, with a reason"),
    "editions": ("commands.editions", "列出版次：现行、待生效、待批准", "List editions: in force, to come, waiting"),
    "migrate": ("commands.migrating", "把在办事项迁移到另一版次", "Move running tasks to another edition"),
    "calendar": ("commands.calendars", "工作日历：查看、调整", "Working calendars: look at one, change a day of it"),
    "register": ("commands.entering", "登记事项清单", "Register a list of tasks, all or none"),
    "fire": ("commands.office", "办理", "Fire a trigger of a task"),
    "amend": ("commands.office", "调整事项内容", "Put the record of a task right"),
    "sweep": ("commands.office", "运行时限", "Let time run for what is due"),
    "issue": ("commands.office", "印发通报", "Issue a publication"),
    "worklist": ("commands.looking", "待办清单", "What is owed, the most urgent first"),
    "board": ("commands.looking", "督办看板", "Every task as it is, was, or was known"),
    "show": ("commands.looking", "事项详情", "One task: facts, deadlines and why, what is possible"),
    "serve": ("commands.serve", "启动网页服务", "Serve the web, with the jobs beside it"),
    "worker": ("commands.worker", "运行作业", "Run jobs until it is stopped"),
    "jobs": ("commands.worker", "作业：列出、查看、取消", "Jobs: list, look, cancel"),
    "outbox": ("commands.posting", "发件箱", "Notices that wait and those sent"),
    "post": ("commands.posting", "试发消息", "A test message"),
    "tidy": (
        "commands.tidying",
        "清理早已结束、不属于记录的内容",
        "Forget what ended long ago and is no part of the record",
    ),
    "documents": ("commands.papers", "列出公文", "List documents"),
    "document": ("commands.papers", "取出公文，可转 PDF", "Take a document out, as Word or PDF"),
    "void": ("commands.papers", "作废公文", "Declare a document void"),
    "template": ("commands.papers", "公文模板：列出、替换", "Templates of documents: list, replace"),
    "archive": ("commands.papers", "归档办结事项", "File a closed task"),
    "redact": ("commands.redacting", "删除个人信息，证明不受影响", "Erase personal data with every proof intact"),
    "readings": ("commands.auditing", "审计员和管理员查阅过什么", "What auditors and administrators have read"),
    "report": ("commands.reports", "报告：从未用过的规定", "Reports: what has never been used"),
    "verify": ("commands.verifying", "核验数据库", "Whether everything is what the record says"),
    "export": ("commands.exporting", "导出 XES、OCEL、NDJSON、CSV", "The record in the standards that others read"),
    "seal": ("commands.sealing", "封存：记录之树、树头、证明", "The tree over the record, its heads and proofs"),
    "package": ("commands.packaging", "打成审计包，供外人离线核验", "The record to take home, with its verifier"),
    "history": ("commands.auditing", "事项历史", "Every event of a task as a sentence"),
    "explain": ("commands.explaining", "说明缘由", "Why something happened, down to the line and the numbers"),
}
"""Each command's module, and what it does in both languages."""

ABOUT = "督办：督查督办工作流引擎 / Duban: supervise government tasks to completion."
DB = "sqlite:///duban.db"


class Lazy(click.Group):
    """A group whose commands are imported when they are called, and speak the language of the call."""

    context_class = Context

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in COMMANDS:
            return None
        name = f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name
        return speaking(getattr(import_module(COMMANDS[cmd_name][0]), name))

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        with _told(as_json="--json" in args):
            return super().make_context(info_name, args, parent, **extra)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta[LANG] = language(asked_in(args))
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        with _told(as_json=bool(ctx.params.get("as_json"))):
            return super().invoke(ctx)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        with formatter.section("Commands"):
            formatter.write_dl([(name, f"{zh} / {en}") for name, (_, zh, en) in COMMANDS.items()])


@contextmanager
def _told(*, as_json: bool) -> Iterator[None]:
    """A wrong call is told in the language of the call, and to programs as one JSON document."""
    try:
        yield
    except click.UsageError as error:
        told = in_words(error)
        if as_json:
            click.echo(json.dumps({"error": told.format_message()}, ensure_ascii=False, indent=1))
        raise told from error


WHO = "姓名[:角色,…[@单位,…]]，如 zhang:office / Who acts, as in zhang:office."


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]}, help=ABOUT)
@click.option(
    "--db", envvar="DUBAN_DB", default=DB, show_default=True, help="数据库地址 / The address of the database."
)
@click.option(
    "--lang", type=click.Choice(["zh", "en"]), help="语言，默认随环境 / Language; by default the environment's."
)
@click.option("--as", "who", envvar="DUBAN_AS", metavar="USER[:role,…[@unit,…]]", help=WHO)
@click.option("--json", "as_json", is_flag=True, help="只输出一个 JSON / One JSON document on stdout.")
@click.version_option(package_name="duban", prog_name="duban", message="%(prog)s %(version)s")
@click.pass_context
def cli(ctx: click.Context, db: str, lang: str | None, who: str | None, *, as_json: bool) -> None:
    """Open the session of this call."""
    ctx.obj = session(db, language(lang), who, as_json=as_json)


def main() -> None:
    """The program. Exit 0: done; 1: the answer is no; 2: it was called wrongly."""
    cli.main(prog_name="duban")


if __name__ == "__main__":
    main()
