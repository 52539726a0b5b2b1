"""What a claim of never looks for is not looked for where it can never hold again: the breaks that are found are the
same, and fewer places are looked at.
"""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from engine.edition import Edition
from engine.proofs.building import Ground, Wish
from engine.proofs.claims import Claim, claims_of
from engine.proofs.domains import Range
from engine.proofs.explore import Graph
from engine.proofs.judging import Known
from engine.proofs.model import Model
from engine.proofs.verdicts import first_wish, verdicts
from tests.engine.walks import calendar, edition_of, random_process, text_of
from tests.workflows.proofs import claimed, founding

CN = calendar()
STATES = {"open": {"initial": True}, "sent": {}, "back": {}, "shut": {"final": True}}
SEND = {"trigger": "send", "from": ["open", "back"], "by": "lead", "to": "sent"}
RETURN = {"trigger": "turn_down", "from": "sent", "by": "office", "to": "back"}
SHUT = {"trigger": "close", "from": ["sent", "back"], "by": "office", "to": "shut"}


def _claims(rng: random.Random, states: list[str]) -> list[dict[str, str]]:
    """Claims whose conditions end with what was fired, and some that begin again."""
    some = rng.choice(states)
    return [
        {"name": "before", "never": f"state == '{some}'", "when": "fired('t0') < 1"},
        {"name": "early", "never": f"state == '{some}' && fired('t0') < 2 && missed('d0') > 0"},
        {"name": "order", "never": "fired('t1') > 0 && fired('t0') < 1"},
        {"name": "either", "always": f"fired('t0') > 0 || fired('t2') > 0 || state != '{some}'"},
        {"name": "since", "never": f"state == '{some}' && fired_since('t0', 't1') < 1"},
        {"name": "plain", "never": f"state == '{some}' && task.n > 2"},
    ]


def made(seed: int) -> Edition:
    rng = random.Random(seed)
    process = random_process(rng)
    if rng.random() < 0.5:
        process["transitions"] = [each for each in process["transitions"] if each["trigger"] != "correct"]
    return edition_of(text_of({**process, "properties": _claims(rng, list(process["states"]))}))


def _graphs(edition: Edition, claim: Claim) -> tuple[Graph, Graph]:
    """What is found where the claim's breaks are sought, and where everything is looked at."""
    ground = Ground.of(edition, CN, "", 3000)
    wish = first_wish(ground, claim)
    return ground.explored(wish), ground.explored(replace(wish, sought=()))


def _breaks(graph: Graph, wish: Wish) -> set[object]:
    model = graph.model
    return {node.place for node in graph.nodes if model.judge.possible(model.known(node.place), wish.sought)}


def _differ(seeds: range) -> tuple[int, int]:
    """How many claims come out otherwise, and how many are looked at in fewer places, of random processes."""
    otherwise = fewer = 0
    for seed in seeds:
        edition = made(seed)
        for claim in (each for each in claims_of("", edition.sheets[""]) if each.shape == "never"):
            sought, whole = _graphs(edition, claim)
            wish = first_wish(Ground.of(edition, CN, ""), claim)
            if whole.whole:
                otherwise += not sought.whole or _breaks(sought, wish) != _breaks(whole, wish)
                fewer += len(sought.nodes) < len(whole.nodes)
    return otherwise, fewer


def test_the_same_breaks_are_found_in_fewer_places() -> None:
    otherwise, fewer = _differ(range(40))
    assert otherwise == 0
    assert fewer > 20


def test_the_comparison_sees_a_look_that_stops_too_early(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was fired *since* another trigger may be none again: taken for what stays, it loses breaks."""

    def over(self: Model, marks: tuple[int, ...]) -> bool:
        counts = zip(self.marks, marks, strict=True)
        known = [(mark.text, Range((float(count), 0))) for mark, count in counts if mark.kind != "same"]
        return bool(self.sought) and not self.judge.possible(Known("", tuple(known), ()), self.sought)

    monkeypatch.setattr(Model, "over", over)
    otherwise, _ = _differ(range(40))
    assert otherwise > 0


def test_a_claim_that_ends_with_an_act_is_broken_before_it_and_not_after() -> None:
    """Closed without having been turned down is possible; closed from `back` is only possible afterwards."""
    parts = {"states": STATES, "transitions": [SEND, RETURN, SHUT], "deadlines": {}}
    early = claimed({"never": {"state": "shut"}, "when": "fired('turn_down') < 1"}, **parts)
    assert early.answer == "refuted"
    assert claimed({"never": {"state": "back"}, "when": "fired('turn_down') < 1"}, **parts).answer == "proved"
    again = claimed({"never": "state == 'sent' && fired('turn_down') > 0"}, **parts)
    assert again.answer == "refuted", "what begins with an act is looked for after it"


def test_an_act_that_is_taken_back_was_not_fired() -> None:
    """The place before it is looked at as ever, also with the time that went by."""
    back = {"trigger": "correct", "from": "any", "to": "previous", "by": {"role": "office", "not": "last.actor"}}
    parts = {"states": STATES, "transitions": [SEND, RETURN, SHUT, back], "deadlines": {}}
    assert claimed({"never": {"state": "shut"}, "when": "fired('turn_down') < 1"}, **parts).answer == "refuted"


@pytest.mark.parametrize("name", ["dalian-livelihood", "shanwei-key-tasks"])
def test_the_founding_claims_of_never_come_out_alike(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    edition = founding(name)
    stated = [each for kind, sheet in edition.sheets.items() for each in claims_of(kind, sheet)]
    claims = [each for each in stated if each.shape == "never"]

    def answers() -> tuple[list[str], int]:
        grounds = {kind: Ground.of(edition, CN, kind) for kind in edition.sheets}
        last = [list(verdicts(grounds[claim.kind], claim))[-1] for claim in claims]
        return [each.answer for each in last], sum(each.zones for each in last)

    sought, zones = answers()
    monkeypatch.setattr(Model, "over", lambda *_: False)
    assert claims
    assert answers()[0] == sought
    assert zones <= answers()[1]
