"""Two verifiers, written apart from one page, agree on packages altered at random; and on what they are made of."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from random import Random

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from engine.events import Event
from engine.loading import load
from tests.packaging.mutations import MUTATIONS, mutated
from tests.packaging.reading import judged_first, parts
from tests.packaging.second import Counted, Files, compiled, judged
from tests.torture.stage import size
from workflows.authoring.scenarios import Run, parse
from workflows.coverage import Happened
from workflows.packaging import verify_package as first
from workflows.packaging.compiled import compiled as as_data
from workflows.sources import calendar_named

MANY = size(200, 10_000)
ROOT = Path(__file__).parents[2]


@pytest.mark.torture
@pytest.mark.parametrize("share", range(size(2, 20)))
def test_both_verifiers_say_the_same_of_every_altered_package(packages: dict[str, Files], share: int) -> None:
    """Part by part. What is left is told, so that a failing seed is tried again alone."""
    names, shares = sorted(packages), size(2, 20)
    for seed in range(share, MANY, shares):
        name = names[seed % len(names)]
        how, files = mutated(seed, packages[name])
        report = judged_first(files)
        assert parts(report) == judged(files), f"seed {seed}, {name}, {how}: {report.found}"


def test_a_verifier_that_looks_away_is_found_out(packages: dict[str, Files], monkeypatch: pytest.MonkeyPatch) -> None:
    """With one rule taken out of one of them they disagree within the seeds that are tried."""
    monkeypatch.setattr(first, "on_board", lambda *_: None)
    assert any(
        parts(judged_first(files)) != judged(files)
        for _, files in (mutated(seed, packages["everything"]) for seed in range(150))
    )


def test_every_kind_of_mutation_is_found_where_nobody_makes_it_fit(packages: dict[str, Files]) -> None:
    """Whatever changes a byte of a file breaks the bag."""
    for name, mutation in MUTATIONS.items():
        for seed in range(3):
            files = mutation(Random(seed), packages["everything"])
            assert files == packages["everything"] or parts(judged_first(files))["bag"] is False, name


# -- the interpreter against the engine's own guards


def _scripts() -> list[Path]:
    return sorted(ROOT.glob("definitions/**/scenarios*.yaml"))


@pytest.mark.parametrize("file", _scripts(), ids=lambda path: path.parent.name)
def test_every_act_of_every_scenario_is_legal_to_the_verifier(file: Path) -> None:
    """Each process of the repository, with all that its scenarios try: guards come to what the engine says."""
    edition = load((file.parent / "process.yaml").read_bytes(), "process.yaml").edition
    assert edition is not None
    calendar, script = calendar_named(edition.process.calendar), parse(file.read_bytes(), str(file))
    assert script.document is not None
    report, acts = first.Report(), 0
    for number, scenario in enumerate(script.scenarios):
        history = first.History({edition.name: as_data(edition)}, {calendar.digest}, {}, whole=False)
        for life in _lives(Run(edition, calendar, scenario, (number,), script.document)):
            first.live(history, life, report)
            acts += sum(bool(event.payload.get("guards")) for event in life)
        assert report.found["history"] == [], scenario
        assert not history.unknown
    assert acts


def _lives(scenario: Run) -> Iterable[list[first.Event]]:
    """The events of a scenario by task."""
    events: list[Event] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Happened, "note", lambda _, event: events.append(event))
        scenario.go()
    found: dict[str, list[first.Event]] = {}
    for event in events:
        found.setdefault(event.task, []).append(_read(event))
    return found.values()


def _read(event: Event) -> first.Event:
    from engine.chain import canonical, header, parsed
    from engine.events import iso

    top = parsed(header(event, iso(event.occurred_at)))
    return first.Event(event.task, event.seq, top, parsed(canonical(event.payload)), "", ())


@pytest.mark.parametrize(
    ("text", "saw", "value"),
    [
        ("task.rows.exists(r, r.n > 3)", {"task.rows": [{"n": "4"}, {"n": "1"}]}, True),
        ("task.rows.all(r, r.n > 3)", {"task.rows": [{"n": "4"}, {"n": "1"}]}, False),
        ("count(task.rows.filter(r, has(r.note))) == 1", {"task.rows": [{"note": "x"}, {"note": None}]}, True),
        ("task.a / task.b > 1", {"task.a": "1", "task.b": "0"}, None),
        ("task.b == 0 || task.a / task.b > 1", {"task.a": "1", "task.b": "0"}, True),
        ("task.a / task.b > 1 || task.b == 0", {"task.a": "1", "task.b": "0"}, True),
        ("task.d > '2022-01-01'", {"task.d": None}, None),
        ("has(task.d) && task.d > '2022-01-01'", {"task.d": None, "has(task.d)": False}, False),
        ("task.a > 1 ? task.b == 0 : task.d == ''", {"task.a": "2", "task.b": "0", "task.d": None}, True),
        ("task.d in ['x', 'y']", {"task.d": "y"}, True),
        ("-task.a + 2 * task.b - 1 == 0", {"task.a": "1", "task.b": "1"}, True),
    ],
)
def test_guards_come_to_the_same_in_both_interpreters(text: str, saw: dict[str, object], value: object) -> None:
    """Errors are not false, one side decides alone, cells of rows are numbers where numbers stand beside them."""
    from engine.expressions import Kind, Language

    kinds = {"task.rows": Kind.ROWS, "task.a": Kind.NUMBER, "task.b": Kind.NUMBER, "task.d": Kind.TEXT}
    tree = Language(kinds).compile(text, Kind.BOOLEAN).tree()
    try:
        mine: object = first.evaluate(tree, first.Operands(saw), {})
    except first.Fault:
        mine = None
    other = compiled(tree)(Counted(saw), {})
    assert mine is value
    assert (other if isinstance(other, bool) else None) is value


# -- signatures


VECTORS = [
    line.split()
    for line in (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c 72 "
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00\n"
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025 af82 "
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
    ).splitlines()
]
"""RFC 8032, 7.1: key, text and signature of one and of two bytes."""


def test_signatures_are_verified_as_a_library_does() -> None:
    """Known ones; and at random, whole and with a bit turned."""
    for key, text, signature in VECTORS:
        assert first.signed_by(bytes.fromhex(key), bytes.fromhex(signature), bytes.fromhex(text))
    chance = Random(8032)
    for _ in range(20):
        private = Ed25519PrivateKey.from_private_bytes(chance.randbytes(32))
        said, public = chance.randbytes(chance.randrange(80)), private.public_key().public_bytes_raw()
        turned = bytearray(private.sign(said))
        assert first.signed_by(public, bytes(turned), said)
        turned[chance.randrange(64)] ^= 1 << chance.randrange(8)
        assert not first.signed_by(public, bytes(turned), said)


def test_ten_thousand_heads_of_one_log_are_verified_in_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every one of them, by a sum of 64 points each; and no key's multiples are taken for another's."""
    private = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    public, other = (
        private.public_key().public_bytes_raw(),
        Ed25519PrivateKey.generate().public_key().public_bytes_raw(),
    )
    signed = [(private.sign(text), text) for text in (b"one", b"two", b"three")]
    assert first.signed_by(public, *signed[0])
    assert not first.signed_by(other, *signed[0])
    sums: list[int] = []
    plus = first.plus

    def counted(one: first.Point, more: first.Point) -> first.Point:
        sums.append(1)
        return plus(one, more)

    monkeypatch.setattr(first, "plus", counted)
    for signature, text in signed[1:]:
        sums.clear()
        assert first.signed_by(public, signature, text)
        assert not first.signed_by(public, signature, text + b"!")
        assert len(sums) <= 2 * 64


@pytest.mark.parametrize("data", [b"\xff" * 32, bytes([2]) + bytes(31)], ids=["beyond the field", "off the curve"])
def test_a_key_that_is_no_point_is_none_to_either(data: bytes) -> None:
    signature = Ed25519PrivateKey.generate().sign(b"x")
    with pytest.raises(ValueError, match="no point"):
        first.signed_by(data, signature, b"x")
    with pytest.raises(InvalidSignature):
        Ed25519PublicKey.from_public_bytes(data).verify(signature, b"x")
