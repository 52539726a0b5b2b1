"""The backtest of a draft: what was asked, and what came of it, kept beside the draft until it is asked anew.

It is kept with the text that was tried, so that it can be read in either language and says of which text it speaks,
whatever became of the draft since. Of the tasks that differ some are kept one by one; the sums are of all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from typing import Any

from engine.chain import canonical
from engine.edition import Edition
from engine.events import Json, instant
from engine.loading import load
from workflows.authoring.backtesting import Period
from workflows.authoring.trial_results import Result, result_from_json, result_to_json
from workflows.authoring.trials import Trial
from workflows.desk import Desk

TOLD = 20
"""So many tasks that differ are kept one by one, for each value."""

MOST_VALUES = 12
"""So many values of a parameter are tried at a time."""


@dataclass(frozen=True)
class Question:
    """What is asked of a draft: its text over the history from `since` until `until`, instants in ISO; with each of
    the `values` of a `parameter` in its turn, or once as it stands.
    """

    draft: str
    text: str
    since: str
    until: str
    parameter: str = ""
    values: Sequence[str] = ()

    @property
    def trials(self) -> list[tuple[str, Trial]]:
        """What is tried, by the value; empty where there is no parameter."""
        period = Period(instant(self.since), instant(self.until))
        if not self.parameter:
            return [("", Trial(self.text, period))]
        return [(value, Trial(self.text, period, {self.parameter: value})) for value in self.values]

    def edition(self) -> Edition:
        """The draft, compiled as it stands."""
        edition = load(self.text, "draft.yaml").edition
        assert edition is not None, "a draft is tried that loads"
        return edition

    def to_json(self) -> dict[str, Json]:
        """As one JSON object."""
        return {**asdict(self), "values": list(self.values)}


@dataclass(frozen=True)
class Part:
    """What came of the first families under the value at hand, and the digest of which they were (`Digest`)."""

    result: Result
    families: str


class Digest:
    """Which families come first, as they become more: a part is gone on with only where they are the same again."""

    def __init__(self, every: Sequence[Sequence[str]]) -> None:
        self._every, self._at, self._hash = every, 0, sha256()

    def of_first(self, number: int) -> str:
        """The digest of so many, no fewer than were asked for before."""
        for family in self._every[self._at : number]:
            self._hash.update(canonical(list(family)).encode())
        self._at = number
        return self._hash.hexdigest()


@dataclass(frozen=True)
class Backtest:
    """A question, the id of the job that answers it, who asked, when it was answered last, and the results so far, in
    the order of the question's trials. `part` is of the value that follows them.
    """

    question: Question
    job: str
    by: str
    at: str
    results: Sequence[Result]
    part: Part | None = None

    @property
    def whole(self) -> bool:
        """Whether every value was tried."""
        return len(self.results) == len(self.question.trials)

    def also(self, result: Result, at: str) -> Backtest:
        """With one more result."""
        return replace(self, results=(*self.results, result), at=at, part=None)


def kept(desk: Desk, draft: str) -> Backtest | None:
    """What was kept of a draft's last backtest."""
    note = desk.store.note(_key(draft))
    return _read(json.loads(note)) if note else None


def keep(desk: Desk, found: Backtest) -> None:
    """Keep a backtest beside its draft, in the place of the one before."""
    told = {"question": found.question.to_json(), "job": found.job, "by": found.by, "at": found.at}
    results = [result_to_json(each, TOLD) for each in found.results]
    if found.part is not None:
        told["part"] = {"result": result_to_json(found.part.result, TOLD), "families": found.part.families}
    desk.store.set_note(_key(found.question.draft), canonical({**told, "results": results}))


def forget(desk: Desk, draft: str) -> None:
    """Forget it, as when the draft is thrown away."""
    if desk.store.note(_key(draft)):
        desk.store.set_note(_key(draft), "")


def _read(told: Mapping[str, Any]) -> Backtest:
    results = [result_from_json(each) for each in told["results"]]
    part = told.get("part")
    begun = None if part is None else Part(result_from_json(part["result"]), part["families"])
    return Backtest(Question(**told["question"]), told["job"], told["by"], told["at"], results, begun)


def _key(draft: str) -> str:
    return f"backtest:{draft}"
