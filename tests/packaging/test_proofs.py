"""Proofs that were handed out hold away from home: by the file that goes with a package, and by a second one written
from the page alone.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest

from engine.commands import Refusal
from engine.tree import Head, Levels, leaf_hash, leaf_text
from tests.packaging.second_proofs import proof_holds
from tests.torture.stage import size
from workflows.audit.sealing.checkpoints import Signer, Verifier, checkpoint
from workflows.audit.sealing.growth import Growth, grown_from, has_grown, read_growth
from workflows.audit.sealing.proving import NoProof, Proof, proved, read_proof
from workflows.audit.sealing.signing import signer_for
from workflows.packaging import verify_package as first
from workflows.packaging.taking import verifier

SIGNER = Signer("duban.example.org", bytes(range(32)))
KEY = str(SIGNER.verifier)
TREES = {"sha256": first.hash_named("sha256"), "sm3": first.hash_named("sm3")}
MANY = size(150, 20_000)


def _texts(count: int) -> list[bytes]:
    return [leaf_text(f"leak-{n % 7}", n // 7 + 1, f"{n:064x}") for n in range(count)]


class Grown:
    """A log of some leaves, whose every size has a signed head."""

    def __init__(self, tree: str, count: int) -> None:
        self.signer, hashed = signer_for(SIGNER, tree), TREES[tree]
        self.texts = _texts(count)
        self.levels = Levels([leaf_hash(each, hashed) for each in self.texts], hashed)

    def head(self, leaves: int) -> str:
        return checkpoint(Head(leaves, self.levels.root(leaves)), self.signer)

    def growth(self, old: int, new: int) -> str:
        return Growth(self.head(old), tuple(self.levels.consistency(old, new)), self.head(new)).to_text()

    def proof(self, at: int, leaves: int) -> str:
        said = self.texts[at].decode().removesuffix("\n")
        return Proof(said, at, tuple(self.levels.inclusion(at, leaves)), self.head(leaves)).to_text()


def _first(text: str, heads: Sequence[str] = ()) -> bool:
    try:
        return bool(list(first.proved(text, KEY, heads)))
    except (first.Wrong, *first.MALFORMED):
        return False


def _own(text: str, who: Verifier, tree: str) -> bool:
    """What this program says of it itself."""
    try:
        if text.startswith("duban-growth"):
            return bool(has_grown(read_growth(text), who))
        return bool(proved(read_proof(text), who, tree))
    except NoProof:
        return False


@pytest.mark.parametrize("tree", TREES)
def test_every_head_is_shown_to_go_on_from_every_one_before(tree: str) -> None:
    """All pairs of sizes, and every event in every size: by both verifiers and by the program."""
    grown, most = Grown(tree, 13), 13
    for new in range(1, most + 1):
        texts = [grown.growth(old, new) for old in range(1, new + 1)]
        texts += [grown.proof(at, new) for at in range(new)]
        for text in texts:
            verdicts = _first(text), proof_holds(text, KEY), _own(text, grown.signer.verifier, tree)
            assert verdicts == (True, True, True), text


def _altered(random: Random, text: str) -> str:
    """One thing otherwise: a letter, a line gone, two lines exchanged, a line twice."""
    lines = text.split("\n")
    one, other = random.randrange(len(lines)), random.randrange(len(lines))
    match random.randrange(4):
        case 0:
            at = random.randrange(len(text))
            return text[:at] + random.choice("AaB0+/= \n#") + text[at + 1 :]
        case 1:
            del lines[one]
        case 2:
            lines[one], lines[other] = lines[other], lines[one]
        case _:
            lines.insert(one, lines[other])
    return "\n".join(lines)


def test_two_verifiers_and_the_program_agree_on_altered_proofs() -> None:
    """And what is accepted says what the sound one says: base64 has letters whose last bits nobody reads."""
    random, refused = Random(5), 0
    for _ in range(MANY):
        tree = random.choice(sorted(TREES))
        grown = Grown(tree, random.randrange(2, 40))
        count = len(grown.texts)
        sound = random.choice([grown.growth(random.randrange(1, count + 1), count), grown.proof(count // 2, count)])
        text = _altered(random, sound)
        verdicts = {_first(text), proof_holds(text, KEY), _own(text, grown.signer.verifier, tree)}
        assert len(verdicts) == 1, text
        refused += verdicts == {False}
        if verdicts == {True} and text != sound:
            assert list(first.proved(text, KEY)) == list(first.proved(sound, KEY))
    assert refused > MANY * 0.8


def _another(grown: Grown, at: int) -> Grown:
    """The same log with one event otherwise."""
    other = Grown("sha256", len(grown.texts))
    other.texts[at] = leaf_text("leak-1", 1, "f" * 64)
    other.levels = Levels([leaf_hash(each) for each in other.texts])
    return other


def test_a_head_of_nothing_shows_nothing() -> None:
    """Every log goes on from it, so no verifier takes it for a proof, signed though it is."""
    grown, empty = Grown("sha256", 7), checkpoint(Head(0, sha256(b"").digest()), SIGNER)
    for new in (grown.head(7), empty):
        text = Growth(empty, (), new).to_text()
        if new != empty:
            assert (_first(text), _own(text, SIGNER.verifier, "sha256")) == (False, False)
        refused = grown_from(None, empty, new)  # type: ignore[arg-type]  # no log has to be asked
        assert isinstance(refused, Refusal)
        assert refused.code == "growth_empty"


@pytest.mark.parametrize(("old", "new"), [(1, 2), (4, 7), (7, 8), (9, 30), (16, 32), (30, 31)])
def test_a_rewritten_past_has_no_proof(old: int, new: int) -> None:
    """With the stolen key, whatever hashes are taken: those of either history, or of another size."""
    grown = Grown("sha256", new)
    other = _another(grown, old - 1)
    for levels in (grown.levels, other.levels):
        for size_ in range(1, new + 1):
            text = Growth(grown.head(old), tuple(levels.consistency(size_, new)), other.head(new)).to_text()
            assert (_first(text), proof_holds(text, KEY)) == (False, False)


def test_heads_that_somebody_kept_have_to_be_those_of_the_proof() -> None:
    grown = Grown("sha256", 30)
    text, kept = grown.growth(9, 30), [grown.head(9), grown.head(30)]
    assert _first(text, kept)
    assert not _first(text, [grown.head(10)])
    assert not _first(text, [_another(grown, 3).head(9)])


class Weightless(Levels):
    """A tree of any size that weighs nothing: how long a proof is depends on sizes alone."""

    def __init__(self, leaves: int) -> None:
        self.size = leaves

    def range_root(self, start: int, size: int) -> bytes:  # noqa: ARG002 - of whatever leaves
        return bytes(32)


def test_a_proof_at_a_million_events_weighs_less_than_1500_bytes() -> None:
    """Of an event and between two heads, the longest of many."""
    million, random = Weightless(1_000_000), Random(1)

    def head(leaves: int) -> str:
        return checkpoint(Head(leaves, bytes(32)), SIGNER)

    sizes = [*range(1, 70), *(2**n + d for n in range(7, 20) for d in (-1, 0, 1)), 999_999]
    sizes += [random.randrange(1, 1_000_000) for _ in range(2_000)]
    growths = [Growth(head(each), tuple(million.consistency(each)), head(1_000_000)) for each in sizes]
    said = f"dalian-livelihood-0001.opinion.12#1234 {'0' * 64}"
    proofs = [Proof(said, each, tuple(million.inclusion(each)), head(1_000_000)) for each in sizes]
    assert 1_300 < max(len(each.to_text().encode()) for each in growths) <= 1_500
    assert 1_100 < max(len(each.to_text().encode()) for each in proofs) <= 1_500


# -- as a stranger runs it


def _run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    (folder / "verify_package.py").write_bytes(verifier())
    asked = [sys.executable, "-I", "-S", "verify_package.py", "proof", *words]
    return subprocess.run(asked, cwd=folder, capture_output=True, encoding="utf-8", timeout=60, check=False)


def test_a_stranger_verifies_a_proof_with_one_file_and_the_key(tmp_path: Path) -> None:
    grown = Grown("sha256", 30)
    (tmp_path / "growth").write_text(grown.growth(9, 30), encoding="utf-8")
    (tmp_path / "event").write_text(grown.proof(4, 30), encoding="utf-8")
    (tmp_path / "head").write_text(grown.head(9), encoding="utf-8")
    (tmp_path / "broken").write_text(grown.growth(9, 30).replace("\n30\n", "\n29\n"), encoding="utf-8")
    told = _run(tmp_path, "growth", "--key", KEY, "--head", "head")
    assert (told.returncode, "begin with the 9" in told.stdout, "从 9 条接下来" in told.stdout) == (0, True, True)
    assert _run(tmp_path, "event", "--key", KEY, "--head", "head").returncode == 1
    assert json.loads(_run(tmp_path, "event", "--key", KEY, "--json").stdout)["shown"][0][1]["n"] == 5
    told = _run(tmp_path, "broken", "--key", KEY, "--lang", "en")
    assert (told.returncode, "is not of the key of" in told.stdout) == (1, True)
    with (tmp_path / "huge").open("wb") as file:
        file.truncate((64 << 20) + 1)
    huge = _run(tmp_path, "huge", "--key", KEY)
    assert (huge.returncode, huge.stdout, "bytes" in huge.stderr) == (2, "", True)
    thief = str(Signer("duban.example.org", bytes(32)).verifier)
    assert [_run(tmp_path, name, "--key", thief).returncode for name in ("growth", "event", "nothing")] == [1, 1, 2]


def test_hashes_of_another_length_are_none() -> None:
    """Bytes that run into one another could be cut elsewhere."""
    grown = Grown("sha256", 30)
    lines = grown.growth(9, 30).split("\n")
    joined = base64.b64decode(lines[1]) + base64.b64decode(lines[2])
    lines[1:3] = [base64.b64encode(joined).decode()]
    text = "\n".join(lines)
    assert (_first(text), proof_holds(text, KEY), _own(text, SIGNER.verifier, "sha256")) == (False, False, False)
    with pytest.raises(NoProof, match="32 bytes"):
        read_growth(text)
