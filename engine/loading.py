"""From the text of a definition to a compiled edition, or to all its problems at once.

Reading, shape, names, expressions: a fault in one stage does not hide those of the next. What has the wrong shape is
taken out, and the rest is checked as if it were whole; names that were lost with it are not reported a second time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from pydantic import ValidationError

from engine.checks import Draft, Findings, check, clock_of
from engine.checks.guards import with_witness
from engine.document import Data, Document, Path
from engine.edition import Edition, Sheet
from engine.machine import Machine
from engine.model import Process
from engine.problems import Position, Problem, Text, errors, in_order, meant
from engine.pruning import pruned
from engine.reading import read
from engine.shapes import problems_of

ROUNDS = 8
"""How often faulty parts are taken out of a text before its rest is given up."""

_TITLES = frozenset({"zh", "en"})
_NAMED = frozenset(
    {
        "states",
        "fields",
        "form",
        "roles",
        "parameters",
        "deadlines",
        "measures",
        "notices",
        "publications",
        "children",
        "columns",
    }
)


@dataclass(frozen=True)
class Loaded:
    """What a text came to. Without an edition at least one problem is an error; with one, all are warnings, and
    `document` is the text as it was read.
    """

    edition: Edition | None
    problems: list[Problem]
    document: Document | None = None


def load(text: str | bytes, file: str = "process.yaml", given: Mapping[str, str] | None = None) -> Loaded:
    """Read, check and compile one definition; `file` names it in positions. Never raises for what the text says.

    `given` are parameters with other values than the text has, as they would stand in it: what if it were so.
    """
    document = read(text, file)
    if isinstance(document, list):
        return Loaded(None, document)
    if given and (unknown := _give(document, given)):
        return Loaded(None, unknown)
    shape = _Shape(document)
    process = shape.process()
    if process is None:
        return Loaded(None, in_order(shape.problems))
    findings = Findings(shape.document, frozenset(shape.lost), frozenset(shape.mended))
    drafts = check(process, findings)
    problems = in_order([*shape.problems, *findings.problems])
    if not errors(problems):
        return Loaded(_edition(process, text, drafts), problems, shape.document)
    if {problem.code for problem in errors(problems)} == {"no-otherwise"}:
        problems = with_witness(_edition(process, text, drafts), shape.document, problems)
    return Loaded(None, problems)


def _give(document: Document, given: Mapping[str, str]) -> list[Problem]:
    """Put other values in the places of parameters; the problems of those that are not there."""
    data = document.data if isinstance(document.data, dict) else {}
    parameters = data.get("parameters")
    known = parameters if isinstance(parameters, dict) else {}
    problems = []
    for name, value in given.items():
        parameter = known.get(name)
        if isinstance(parameter, dict) and "value" in parameter:
            parameter["value"] = _scalar(value)
            continue
        message = Text(f"没有单值参数 `{name}`", f"there is no parameter `{name}` of one value")
        single = [each for each, kept in known.items() if isinstance(kept, dict) and "value" in kept]
        problems.append(Problem("unknown-parameter", document.at(("parameters",)), message, meant(name, single)))
    return problems


def _scalar(value: str) -> Data:
    """A value as YAML reads it: a number is one, a term is a text."""
    found = read(f"value: {value}\n", "value")
    return found.data["value"] if isinstance(found, Document) and isinstance(found.data, dict) else value


def _edition(process: Process, text: str | bytes, drafts: Mapping[str, Draft]) -> Edition:
    said = text.decode() if isinstance(text, bytes) else text
    sheets = {kind: _sheet(draft, drafts) for kind, draft in drafts.items()}
    return Edition(process, said, sha256(said.encode()).hexdigest(), sheets)


def _sheet(draft: Draft, drafts: Mapping[str, Draft]) -> Sheet:
    return Sheet(
        kind=draft.site.kind,
        parent=draft.site.parent.kind if draft.site.parent else None,
        body=draft.site.body,
        expressions=draft.expressions,
        terms=draft.terms,
        dates=frozenset(draft.dates),
        machine=Machine(draft.site.body),
        clock=clock_of(draft, drafts),
    )


class _Shape:
    """The shape of a text, checked; what does not fit is taken out until the rest does."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.problems: list[Problem] = []
        self.lost: set[str] = set()
        self.mended: set[Position] = set()

    def process(self) -> Process | None:
        """The process, or what is left of it; None where too little is left."""
        for _ in range(ROUNDS):
            try:
                return Process.model_validate(self.document.data, by_alias=True, by_name=False)
            except ValidationError as error:
                if not self._mend(error):
                    return None
        return None

    def _mend(self, error: ValidationError) -> bool:
        """Report what is wrong and take it out; False where the whole text is at fault."""
        found = problems_of(error, self.document, Process)
        self.problems += [problem for problem in found if problem.where not in self.mended]
        doomed: set[Path] = set()
        filled: dict[Path, Data] = {}
        for each in error.errors(include_url=False, include_context=False, include_input=False):
            self._settle(each["type"], each["loc"], doomed, filled)
            if each["type"] != "extra_forbidden":
                self._remember(_deepest(self.document.data, each["loc"])[:-1])
        self.lost |= {name for path in doomed for name in _names_at(self.document.data, path)}
        if () in doomed:
            return False
        self.document = pruned(self.document, doomed, filled)
        return True

    def _remember(self, around: Path) -> None:
        """What is missing here from now on was taken out, and is not reported again."""
        self.mended |= {self.document.at(around), self.document.key_at(around)}

    def _settle(self, kind: str, location: tuple[str | int, ...], doomed: set[Path], filled: dict[Path, Data]) -> None:
        path = _deepest(self.document.data, location)
        if kind != "missing":
            doomed.add(path)
        elif location[-1] in _TITLES:
            filled[(*path, location[-1])] = "?"
        elif path or location[-1] not in _PLACEHOLDERS:
            doomed.add(path)
        else:
            filled[(location[-1],)] = _PLACEHOLDERS[str(location[-1])]


_PLACEHOLDERS: Mapping[str | int, Data] = {
    "process": "unnamed",
    "edition": "0",
    "title": {"zh": "?", "en": "?"},
    "timezone": "Asia/Shanghai",
    "calendar": "cn",
}
"""What stands for a key of the process itself that is missing, so that the rest can be checked."""


def _deepest(data: Any, location: tuple[str | int, ...]) -> Path:
    """The path in the text that is nearest to a location in the model."""
    path: Path = ()
    for step in location:
        held = step in data if isinstance(data, dict) else isinstance(data, list) and step in range(len(data))
        if held:
            path, data = (*path, step), data[step]
    return path


def _names_at(data: Any, path: Path) -> Iterator[str]:
    """The names that are lost when the part at `path` is taken out."""
    for step in path:
        data = data[step]
    if len(path) > 1 and path[-2] in _NAMED:
        yield str(path[-1])
    yield from _names_in(data)


def _names_in(data: Any) -> Iterator[str]:
    if isinstance(data, list):
        for each in data:
            yield from _names_in(each)
    elif isinstance(data, dict):
        if isinstance(data.get("trigger"), str):
            yield data["trigger"]
        for key, each in data.items():
            if key in _NAMED and isinstance(each, dict):
                yield from each
            yield from _names_in(each)
