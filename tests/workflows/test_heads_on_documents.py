"""The head that a document of the database bears has to be one of its own log, and to be kept there still."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cli import cli
from engine.chain import canonical
from engine.tree import Head
from tests.workflows.attackers import HEAD, KEY, NOTHING, OWNER, THIEF, Office, found, sealed_office, sign, url_of
from tests.workflows.conftest import OFFICE
from tests.workflows.switches import off
from tests.workflows.verified import TRUE, Damage, at_work, codes
from workflows.audit.sealing.checkpoints import Signer, checkpoint, claimed
from workflows.audit.sealing.printed import found_in, printed
from workflows.audit.sealing.sayings import FINDINGS
from workflows.audit.verifying import sealed
from workflows.office.firing import Act, Outcome, fire

CODES = {"document_head_bad", "document_head_unmet", "document_head_unkept"}
Facts = dict[str, Any]


@pytest.fixture(scope="session")
def issued(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """The sealed office, which issued one more document since, and sealed that too."""
    office = sealed_office(tmp_path_factory.mktemp("issued"))
    with at_work(url_of(office.path), TRUE, "2022-03-21 09:00") as (_, desk):
        done = fire(desk, Act("promises-02", "order", {"deadline": "2022-04-20"}, OFFICE))
        assert isinstance(done, Outcome), done
        assert done.issued
    sign(office.path, OWNER)
    return office


@pytest.fixture
def path(issued: Office, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copyfile(issued.path, tmp_path / "duban.db"))


def _last(damage: Damage) -> tuple[int, str, int, Facts]:
    ((number, stream, seq, text),) = damage.ask("SELECT id, stream, seq, facts FROM documents ORDER BY id DESC LIMIT 1")
    return number, stream, seq, json.loads(text)


def _bears(damage: Damage, change: Callable[[Facts], object]) -> None:
    """The last document bears another head, and its event the digest of the facts that it has then."""
    number, stream, seq, facts = _last(damage)
    change(facts)
    damage.sql("UPDATE documents SET facts = ? WHERE id = ?", canonical(facts), number)
    digest = sha256(canonical(facts).encode()).hexdigest()
    damage.rewrite((stream, seq), lambda payload: payload["document"].update(facts=digest))


def _note(facts: Facts) -> str:
    (paper,) = found_in("\n".join(facts["zh"]["head"]))
    assert paper.note is not None
    return paper.note


def _other(size: int, root: bytes, signer: Signer = OWNER) -> Callable[[Facts], object]:
    """Its head is another one, signed, in both languages."""
    note = checkpoint(Head(size, root), signer)
    return lambda facts: [facts[lang].update(head=printed(note, lang)) for lang in ("zh", "en")]


def _slip(facts: Facts) -> None:
    facts["zh"]["head"][1] = facts["zh"]["head"][1].replace(facts["zh"]["head"][1][:8], "00000000")


PLANTED: dict[str, tuple[Callable[[Damage], object], str]] = {
    "a head of another past": (lambda damage: _bears(damage, _other(20, b"x" * 32)), "document_head_unmet"),
    "a head of more than there is": (lambda damage: _bears(damage, _other(9_999, b"x" * 32)), "document_head_unmet"),
    "a head with a slip in it": (lambda damage: _bears(damage, _slip), "document_head_bad"),
    "words that are no head": (
        lambda damage: _bears(damage, lambda facts: facts["en"].update(head=["nothing"])),
        "document_head_bad",
    ),
    "two heads in two languages": (
        lambda damage: _bears(
            damage, lambda facts: facts["en"].update(head=printed(checkpoint(Head(5, bytes(32)), OWNER), "en"))
        ),
        "document_head_bad",
    ),
    "the heads were taken away": (
        lambda damage: damage.sql("DELETE FROM checkpoints WHERE size < (SELECT max(size) FROM checkpoints)"),
        "document_head_unkept",
    ),
}


def test_a_document_with_a_head_of_its_own_log_is_sound(issued: Office) -> None:
    with closing(Damage(issued.path)) as damage:
        assert claimed(_note(_last(damage)[3]))[0] == "duban.example.org"
    for level in (NOTHING, KEY, HEAD):
        assert [each.said("en") for each in found(issued.path, issued, level)] == []


@pytest.mark.parametrize("name", PLANTED)
def test_a_head_on_a_document_that_is_not_of_the_log_is_found(issued: Office, path: Path, name: str) -> None:
    """Without anything from outside; and by this check alone."""
    plant, code = PLANTED[name]
    with closing(Damage(path)) as damage:
        plant(damage)
    told = found(path, issued, NOTHING)
    assert code in codes(told)
    assert all(each.said("zh") != each.said("en") and each.meaning("en") for each in told)
    with off((sealed, "_documents", lambda _: ())):
        assert not codes(found(path, issued, NOTHING)) & CODES


def test_a_head_of_another_key_on_a_document_is_found_by_the_key(issued: Office, path: Path) -> None:
    """The root is the true one, and somebody else signed it."""
    with closing(Damage(path)) as damage:
        head = claimed(_note(_last(damage)[3]))[1]
        _bears(damage, _other(head.size, head.root, THIEF))
    assert "document_head_bad" in codes(found(path, issued, KEY))


def test_the_command_tells_it_and_every_code_is_planted(path: Path) -> None:
    assert {code for _, code in PLANTED.values()} == {each for each in FINDINGS if each.startswith("document_head")}
    with closing(Damage(path)) as damage:
        PLANTED["a head of another past"][0](damage)
    told = CliRunner().invoke(cli, ["--db", url_of(path), "--json", "verify", "--processes", "1"])
    found_codes = {each["code"] for each in json.loads(told.stdout)["findings"]}
    assert (told.exit_code, "document_head_unmet" in found_codes) == (1, True)
