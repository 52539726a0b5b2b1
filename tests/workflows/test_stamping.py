"""Heads stamped with the time by an authority of `openssl`: kept and believed only where everything fits."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from functools import partial
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from rfc3161_client import decode_timestamp_response
from sqlalchemy import create_engine

from cli import cli
from engine.commands import Refusal
from engine.tree import Head
from post.authority import ask
from tests.test_reasons import english
from tests.workflows.authorities import QUICK, Authority, answering, certified, chained, founded, openssl
from workflows.audit.sealing.checkpoints import Signer, checkpoint
from workflows.audit.sealing.stamping.order import in_order
from workflows.audit.sealing.stamping.stamps import Query, Stamp, query_for, stamped, taken

HEAD = checkpoint(Head(7, bytes(range(32))), Signer("d.example", bytes(32))).encode()
Run = Callable[..., Result]


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return founded(tmp_path_factory.mktemp("authority") / "one")


@pytest.fixture
def authority(keys: Authority) -> Iterator[Authority]:
    with answering(Authority(keys.folder)) as end:
        yield end


@pytest.fixture(scope="module")
def reply(keys: Authority) -> bytes:
    """A true stamp of the head."""
    return keys.reply(query_for(HEAD).body)


@pytest.fixture
def duban(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The program on a database with one signed head."""
    monkeypatch.chdir(tmp_path)

    def run(*words: object, exit: int = 0, lang: str = "en") -> Result:  # noqa: A002 - as the shell calls it
        environment = {"LC_ALL": "C.UTF-8", "DUBAN_SEAL_KEY": ""}
        done = CliRunner(env=environment).invoke(cli, ["--lang", lang, *map(str, words)], "")
        assert done.exit_code == exit, done.output
        return done

    run("init")
    run("user", "add", "wang", "--name", "王", "--role", "admin", "--no-password")
    run("seal", "init", "--name", "d.example", "--key", "k")
    run("seal", "now", "--key", "k")
    return run


def code(found: object) -> str:
    return found.code if isinstance(found, Refusal) else f"no refusal: {found}"


# -- from end to end


def test_a_head_is_stamped_and_others_verify_it_by_openssl(duban: Run, authority: Authority, tmp_path: Path) -> None:
    """The bytes that are stamped are those of the checkpoint; the stamp and its head lie beside each other."""
    head = duban("seal", "head").output.encode()
    told = json.loads(duban("--json", "seal", "stamp", "--tsa", authority.url, "--ca", authority.ca).output)
    assert (tmp_path / told["head"]).read_bytes() == head
    assert sha256(head).digest() in authority.asked[0]
    assert told["authority"] == "CN=Authority of Time"
    said = duban("seal", "stamped", told["file"], "--ca", authority.ca).output
    assert told["at"] in said
    assert "CN=Authority of Time" in said
    verified = ("ts", "-verify", "-in", told["file"], "-CAfile", authority.ca, "-data")
    assert "Verification: OK" in openssl(*verified, told["head"])
    (tmp_path / "other").write_bytes(head + b"\n")
    openssl(*verified, "other", exit=1)
    refused = duban("seal", "stamped", told["file"], "--head", "other", "--ca", authority.ca, exit=1)
    assert "not of these bytes" in refused.output


def test_without_certificates_it_is_kept_and_said_that_nobody_looked(duban: Run, authority: Authority) -> None:
    said = duban("seal", "stamp", "--tsa", authority.url, "--out", "one.tsr").output
    assert "the signature was not looked at" in said
    assert "尚未核验" in duban("seal", "stamp", "--tsa", authority.url, "--out", "two.tsr", lang="zh").output
    assert "worth more" in duban("seal", "stamp", "--tsa", authority.url, "--out", "one.tsr", exit=1).output
    assert len(authority.asked) == 2
    duban("seal", "stamped", "two.tsr", "--head", "one.tsr.head", "--ca", authority.ca)


@pytest.mark.parametrize("command", [("seal", "check"), ("verify",)])
def test_a_stamped_head_has_to_be_of_this_tree(
    duban: Run, authority: Authority, tmp_path: Path, command: tuple[str, ...]
) -> None:
    """Whoever makes the past anew has the key, and no stamp of yesterday."""
    duban("seal", "stamp", "--tsa", authority.url, "--out", "s.tsr")
    look = (*command, "--stamp", "s.tsr", "--ca", authority.ca)
    assert "says CN=Authority of Time" in duban(*look).output
    (stamp,) = json.loads(duban("--json", *look).output)["stamps"]
    assert (stamp["file"], stamp["authority"]) == ("s.tsr", "CN=Authority of Time")
    assert "--ca" in duban(*command, "--stamp", "s.tsr", exit=1).output
    engine = create_engine(f"sqlite:///{tmp_path / 'duban.db'}")
    with engine.begin() as connection:
        for table in ("events", "leaves", "trees", "tiles", "checkpoints", "unsealed"):
            connection.exec_driver_sql(f"DELETE FROM {table}")  # noqa: S608 - the names of our tables
    engine.dispose()
    (tmp_path / "k.signed").unlink()
    duban("--as", "wang", "user", "add", "li", "--name", "李", "--no-password")
    duban("seal", "now", "--key", "k")
    assert "rolled_back" in duban("--json", *look, exit=1).output
    (tmp_path / "s.tsr.head").write_text(duban("seal", "head").output)
    assert "not of these bytes" in duban(*look, exit=1).output
    (tmp_path / "s.tsr.head").unlink()
    assert "s.tsr.head" in duban(*look, exit=1).output


def test_verify_refuses_a_wrong_stamp_before_it_reads_anything(
    duban: Run, authority: Authority, tmp_path: Path
) -> None:
    """Of another head of the same log, of another authority, and what is no stamp: nothing is called sound by them."""
    duban("seal", "stamp", "--tsa", authority.url, "--out", "s.tsr")
    duban("--as", "wang", "user", "add", "li", "--name", "李", "--no-password")
    duban("seal", "now", "--key", "k")
    duban("seal", "stamp", "--tsa", authority.url, "--out", "later.tsr")
    head, stamp = (tmp_path / "s.tsr.head").read_bytes(), (tmp_path / "s.tsr").read_bytes()
    other = founded(tmp_path / "other")
    planted = {
        "of another head": ((tmp_path / "later.tsr").read_bytes(), authority.ca, "not of these bytes"),
        "of another authority": (stamp, str(other.ca), "not to be believed"),
        "garbage": (b"nothing", authority.ca, "no time stamp that can be read"),
    }
    for name, (content, roots, words) in planted.items():
        (tmp_path / name).write_bytes(content)
        (tmp_path / f"{name}.head").write_bytes(head)
        said = duban("verify", "--stamp", name, "--ca", roots, exit=1).output
        assert words in said
        assert "verified" not in said
        assert not english(duban("verify", "--stamp", name, "--ca", roots, exit=1, lang="zh").output)
    told = json.loads(
        duban("--json", "verify", "--stamp", "s.tsr", "--stamp", "later.tsr", "--ca", authority.ca).output
    )
    assert [each["file"] for each in told["stamps"]] == ["s.tsr", "later.tsr"]


def test_chains_alone_are_not_held_against_heads_or_stamps(duban: Run, authority: Authority) -> None:
    """It would look as if they had been looked at."""
    duban("seal", "stamp", "--tsa", authority.url, "--out", "s.tsr")
    for given in (("--stamp", "s.tsr", "--ca", authority.ca), ("s.tsr.head",), ("--witness", "w")):
        assert "--chains-only" in duban("verify", "--chains-only", *given, exit=2).output
    duban("verify", "--chains-only")


def test_what_is_no_head_is_not_stamped(duban: Run, authority: Authority, tmp_path: Path) -> None:
    (tmp_path / "x").write_text("nothing")
    told = duban("seal", "stamp", "--tsa", authority.url, "--head", "x", exit=1).output
    assert "duban seal head" in told
    assert authority.asked == []


# -- what is answered


def _turned(query: Query, part: bytes, asked: bytes) -> bytes:
    """The question with one bit of this part turned."""
    assert asked == query.body
    assert asked.count(part) == 1
    return asked.replace(part, part[:-1] + bytes([part[-1] ^ 1]))


def test_an_answer_to_another_question_or_of_other_bytes_is_not_kept(authority: Authority) -> None:
    query = query_for(HEAD)
    nonce = query.nonce.to_bytes(8, "big")
    for part, wrong in ((nonce, "stamp_nonce"), (sha256(HEAD).digest(), "stamp_other")):
        authority.fault = partial(_turned, query, part)
        answer = ask(authority.url, query.body)
        assert isinstance(answer, bytes)
        assert code(taken(answer, query)) == wrong
    authority.fault = ""
    answer = ask(authority.url, query.body)
    assert isinstance(answer, bytes)
    assert isinstance(taken(answer, query), Stamp)
    assert code(taken(answer, query_for(HEAD))) == "stamp_nonce"  # the old answer once more


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("refused", "does not grant it (status 2"),
        ("garbage", "no time stamp that can be read"),
        ("large", "over 65536 bytes"),
        ("lost", "answered HTTP 404"),
    ],
)
def test_a_wrong_answer_is_told_and_leaves_no_file(
    duban: Run, authority: Authority, tmp_path: Path, fault: str, words: str
) -> None:
    before = set(tmp_path.iterdir())
    authority.fault = fault
    assert words in duban("seal", "stamp", "--tsa", authority.url, exit=1).output
    assert "；" in duban("seal", "stamp", "--tsa", authority.url, exit=1, lang="zh").output
    assert {each for each in tmp_path.iterdir() if "stamp" in each.name} == set()
    assert before <= set(tmp_path.iterdir())


@pytest.mark.parametrize("fault", ["silent", "drop by drop"])
def test_an_authority_that_does_not_come_to_an_end_is_given_up(authority: Authority, fault: str) -> None:
    authority.fault, query = fault, query_for(HEAD)
    began = time.monotonic()
    found = ask(authority.url, query.body, QUICK)
    assert time.monotonic() - began < QUICK + 10
    assert code(found if isinstance(found, Refusal) else taken(found, query)) in ("stamp_silent", "stamp_unread")


def test_an_address_that_is_none_is_told(duban: Run) -> None:
    for address in ("ftp://x/", "http://user@x/", "none"):
        assert "https://HOST/PATH" in duban("seal", "stamp", "--tsa", address, exit=1).output
    assert "within 10 seconds" in duban("seal", "stamp", "--tsa", "http://127.0.0.1:1/", exit=1).output


# -- what a stamp is worth


def test_only_the_certificates_of_its_authority_vouch_for_it(keys: Authority, reply: bytes, tmp_path: Path) -> None:
    """Not another root of the same name, not the certificate of the signer alone, and not a text."""
    other = founded(tmp_path / "other")
    assert isinstance(stamped(reply, HEAD, keys.ca.read_bytes()), Stamp)
    assert isinstance(stamped(reply, HEAD, other.ca.read_bytes() + keys.ca.read_bytes() * 2), Stamp)
    assert code(stamped(reply, HEAD, other.ca.read_bytes())) == "stamp_untrue"
    assert code(stamped(reply, HEAD, (other.folder / "tsa.pem").read_bytes())) == "stamp_untrue"
    assert code(stamped(reply, HEAD, b"none")) == "stamp_roots"
    assert code(stamped(b"none", HEAD, keys.ca.read_bytes())) == "stamp_unread"
    assert code(stamped(reply, HEAD[:-1], keys.ca.read_bytes())) == "stamp_other"


def test_an_authority_may_send_its_chain_in_any_order(tmp_path: Path) -> None:
    """`openssl` sends the signer first, and not as a set of DER; the root alone is trusted."""
    end = chained(tmp_path / "chain")
    query = query_for(HEAD)
    reply, root = end.reply(query.body), (end.folder / "root.pem").read_bytes()
    with pytest.raises(ValueError, match="InvalidSetOrdering"):
        decode_timestamp_response(reply)
    assert isinstance(taken(reply, query), Stamp)
    found = stamped(reply, HEAD, root)
    assert isinstance(found, Stamp)
    assert found.authority == "CN=Authority of Time"
    assert sorted(in_order(reply)) == sorted(reply)
    for other in (founded(tmp_path / "other").ca, end.ca):
        assert code(stamped(reply, HEAD, other.read_bytes())) == "stamp_untrue"


def test_a_certificate_for_something_else_does_not_stamp(keys: Authority, tmp_path: Path) -> None:
    """Who got a certificate for a server from the same root is no authority: the signature is right, its use is not."""
    others = [tmp_path / "server", tmp_path / "time"]
    for usage, file in zip(("critical,serverAuth", "critical,timeStamping"), others, strict=True):
        certified(keys.folder, usage, file, "DER")
    reply = keys.reply(query_for(HEAD).body)  # no earlier than the certificates
    (own,) = decode_timestamp_response(reply).signed_data.certificates
    assert [len(each.read_bytes()) for each in others] == [len(own)] * 2
    wrong, right = (stamped(reply.replace(own, each.read_bytes()), HEAD, keys.ca.read_bytes()) for each in others)
    assert isinstance(right, Stamp)
    assert isinstance(wrong, Refusal)
    assert "unsuitable certificate purpose" in str(wrong.facts["reason"])


def test_no_bit_of_a_stamp_can_be_turned_so_that_it_says_another_time(keys: Authority, reply: bytes) -> None:
    """Each byte in turn: refused, or (in what is not signed) the same stamp. A crash would fail this."""
    roots, true = keys.ca.read_bytes(), stamped(reply, HEAD, keys.ca.read_bytes())
    assert isinstance(true, Stamp)
    refused = 0
    for place in range(len(reply)):
        assert in_order(reply[:place]) == reply[:place]
        turned = bytearray(reply)
        turned[place] ^= 1
        found = stamped(bytes(turned), HEAD, roots)
        refused += isinstance(found, Refusal)
        assert isinstance(found, Refusal) or (found.at, found.serial) == (true.at, true.serial), place
    assert refused > len(reply) * 0.9
    assert decode_timestamp_response(reply).tst_info.gen_time == true.at
