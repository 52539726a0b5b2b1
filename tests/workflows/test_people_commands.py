"""People at the command line: the first administrator, who may keep people, and acting by what the table says."""

from __future__ import annotations

import json
from contextlib import chdir
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cli import cli
from workflows.people.values import Changed

TEXT = (Path(__file__).parent / "promises.yaml").read_text(encoding="utf-8")
GOOD = "four quiet grey herons\n"


class Duban:
    """The program in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *arguments: str, given: str = "") -> Result:
        with chdir(self.folder):
            return CliRunner(env={"LC_ALL": "C.UTF-8"}).invoke(cli, arguments, given, catch_exceptions=False)

    def ok(self, *arguments: str, given: str = "") -> str:
        done = self.run(*arguments, given=given)
        assert done.exit_code == 0, done.output
        return done.output

    def json(self, *arguments: str) -> Any:
        return json.loads(self.ok("--json", *arguments))

    def no(self, *arguments: str) -> str:
        done = self.run(*arguments)
        assert done.exit_code == 1, done.output
        return done.output


@pytest.fixture
def empty(tmp_path: Path) -> Duban:
    """A rehearsal's database with nobody in it."""
    made = Duban(tmp_path)
    made.ok("init", "--rehearsal", "2022-01-20T09:00+08:00")
    return made


@pytest.fixture
def duban(empty: Duban) -> Duban:
    """The same with an administrator."""
    empty.ok("user", "add", "root", "--role", "admin", "--password-stdin", given=GOOD)
    return empty


def test_the_first_administrator_is_made_by_a_command_and_the_second_by_the_first(empty: Duban) -> None:
    """Nothing else is possible before; afterwards an administrator has to be named, and must be one."""
    assert "first run duban user add" in empty.no("user", "add", "li", "--no-password")
    assert "first run duban user add" in empty.no("--as", "root", "unit", "add", "A", "--level", "bureau")
    empty.ok("user", "add", "root", "--role", "admin", "--password-stdin", given=GOOD)
    assert "none is named" in empty.no("user", "add", "eve", "--role", "admin", "--no-password")
    assert "eve is none" in empty.no("--as", "eve:admin", "user", "add", "eve", "--role", "admin", "--no-password")
    empty.ok("--as", "root", "user", "add", "li", "--role", "admin", "--no-password")
    assert [each["user"] for each in empty.json("user", "list")["users"]] == ["li", "root"]


def test_a_refused_role_adds_no_user(duban: Duban) -> None:
    """The account and its role are one change."""
    assert "no role leed" in duban.no("--as", "root", "user", "add", "li", "--role", "leed", "--no-password")
    assert [each["user"] for each in duban.json("user", "list")["users"]] == ["root"]


def test_a_password_is_asked_without_showing_it(duban: Duban) -> None:
    """Twice, and it must be the same; with --json nothing is asked."""
    said = duban.ok("--as", "root", "user", "passwd", "root", given=GOOD + GOOD)
    assert GOOD.strip() not in said
    assert "fewer than 10" in duban.run("--as", "root", "user", "passwd", "root", given="short\nshort\n").output
    assert duban.run("--json", "--as", "root", "user", "passwd", "root").exit_code == 2


def test_who_is_in_the_table_acts_by_what_they_hold(duban: Duban) -> None:
    """`--as NAME` alone takes roles and units from the table; with roles it is an operator's assertion, as before."""
    (duban.folder / "promises.yaml").write_text(TEXT, encoding="utf-8")
    (duban.folder / "list.csv").write_text("title,lead_unit\n修路,水务局\n", encoding="utf-8")
    assert "only an administrator publishes" in duban.no("--as", "eve", "publish", "promises.yaml").lower()
    duban.ok("--as", "root", "publish", "promises.yaml")
    for user, role in (("zhang", "office"), ("wang", "lead")):
        duban.ok("--as", "root", "user", "add", user, "--no-password")
        for unit in ("水务局", "林业局") if role == "lead" else ():
            duban.ok("--as", "root", "unit", "add", unit, "--level", "bureau")
            duban.ok("--as", "root", "role", "grant", user, role, "--unit", unit)
    duban.ok("--as", "root", "role", "grant", "zhang", "office")
    assert "only" in duban.no("--as", "wang", "register", "promises", "list.csv").lower()
    task = duban.json("--as", "zhang", "register", "promises", "list.csv")["registered"][0]
    assert "may do this" in duban.no(
        "--as", "nobody", "fire", task, "report", "-f", "month=2022-01", "-f", "percent=20"
    )
    duban.ok("--as", "wang", "fire", task, "report", "-f", "month=2022-01", "-f", "percent=20")
    entries = duban.json("history", task)
    actors = [each["payload"]["command"]["actor"] for each in entries if "command" in each["payload"]]
    assert actors[-1] == {"id": "wang", "roles": ["lead"], "units": ["水务局"]}


def test_a_merger_hands_open_work_to_the_successor(duban: Duban) -> None:
    """Units, roles and deputies by commands; the successor's people act for the old name."""
    as_root = ("--as", "root")
    for unit in ("A", "B"):
        duban.ok(*as_root, "unit", "add", unit, "--level", "bureau", "--title", f"{unit}局")
    duban.ok(*as_root, "unit", "merge", "A", "--into", "B")
    assert [each["unit"] for each in duban.json("unit", "list")["units"]] == ["B"]
    assert [each["successor"] for each in duban.json("unit", "list", "--all")["units"]] == ["B", None]
    assert "closed or merged" in duban.no(*as_root, "unit", "close", "A")
    assert "only administrator" in duban.no(*as_root, "role", "end", "1")


def test_the_record_of_people_is_explained_in_full() -> None:
    """Every type of event in the stream `organisation` has its line in the page of events."""
    page = (Path(__file__).parent.parent.parent / "docs" / "events.md").read_text(encoding="utf-8")
    assert [each.value for each in Changed if f"| `{each.value}` |" not in page] == []


def test_a_token_is_shown_once(duban: Duban) -> None:
    """Issued, listed without its secret, revoked."""
    secret = duban.json("--as", "root", "token", "issue", "root", "board", "--scope", "read")["token"]
    assert secret.startswith("duban_")
    listed = duban.json("token", "list", "root")
    assert secret not in str(listed)
    duban.ok("--as", "root", "token", "revoke", "root", str(listed["tokens"][0]["token"]))
    assert "revoked" in duban.ok("token", "list", "root")


def test_a_user_is_changed_by_an_administrator_and_keys_in_addresses_are_not_shown(duban: Duban) -> None:
    """What is not named stays; `-` takes the mail away; an address that reaches nobody is refused."""
    duban.ok("--as", "root", "user", "add", "li", "--mail", "li@example.org", "--no-password")
    told = duban.json("--as", "root", "user", "change", "li", "--language", "en", "--channel", "wecombot://GEHEIM")
    assert (told["mail"], told["language"], told["channels"]) == ("li@example.org", "en", ["wecombot://…"])
    assert "GEHEIM" not in duban.ok("--as", "root", "user", "change", "li", "--mail", "-")
    assert "mail" in duban.no("--lang", "en", "--as", "root", "user", "change", "li", "--mail", "nowhere")
    assert duban.run("--as", "li", "user", "change", "li", "--name", "x").exit_code == 1
