"""One official document: its number taken, its words made, printed and kept, all in the transaction of its event.

A template may take seconds, and whoever writes to SQLite holds its only lock meanwhile. So a `Proof` is printed before
the transaction, under the number that will probably be taken; inside it is printed again only if it says something
else: another number, or facts that moved.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from engine.chain import canonical
from engine.events import Json
from engine.problems import Language, Text
from workflows.papers.bulletin import DEFAULT, Occasion
from workflows.papers.facts import Written, ancestry, facts, numbered, series_of, written
from workflows.papers.ports import PressProblem
from workflows.papers.values import BASIS, OFFICIAL, Numbered, Paper
from workflows.ports import Work
from workflows.texts import fill_in


@dataclass(frozen=True, slots=True)
class Printed:
    """A document as its event carries it: its number, and the digests of its template, of its bytes, and of the facts
    that it was made of, with the version of how these were worded (`workflows.papers.wording`).
    """

    number: Numbered
    template: str
    docx: str
    facts: str
    wording: int

    def to_json(self) -> dict[str, Json]:
        """Plain data."""
        told = {"number": self.number.text, "series": self.number.series}
        counted = {"year": self.number.year, "serial": self.number.serial}
        return {
            **told,
            **counted,
            "language": OFFICIAL,
            "template": self.template,
            "docx": self.docx,
            "facts": self.facts,
            "wording": self.wording,
        }


@dataclass(frozen=True, slots=True)
class Made:
    """A document before it is printed: its number, and its words and facts in each language."""

    number: Numbered
    words: Mapping[Language, Written]
    facts: Mapping[Language, Mapping[str, Json]]
    wording: int = 1
    """The version by which the facts were made."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A document that was printed before its number was taken: of which template, of what facts, and its bytes."""

    template: str
    facts: Mapping[str, Json]
    docx: bytes


def make(on: Occasion, told: Mapping[Language, Mapping[str, Any]], take: Callable[[str], int]) -> Made:
    """Take the number of its series and say the words. Raises `TextProblem`, `PressProblem`."""
    pattern = on.rule.number
    assert pattern is not None, "a document has a number"
    row = told[OFFICIAL]["programme"]
    serial = take(f"document:{series_of(on, pattern, row)}")
    number = numbered(on, pattern, row, serial)
    words = {lang: _words(on, {**each, "number": number.text}, lang) for lang, each in told.items()}
    return Made(number, words, {lang: facts(on, each, words[lang], number.text, lang) for lang, each in told.items()})


def _words(on: Occasion, told: Mapping[str, Any], lang: Language) -> Written:
    template = on.rule.text.title(lang) if on.rule.text else DEFAULT[lang].partition("\n")[2]
    return written(fill_in(template, told), on.rule.title(lang), lang)


def proofed(on: Occasion, made: Made) -> Proof:
    """Print a document as it will probably be. Raises `PressProblem`."""
    press = on.desk.press
    assert press is not None, "whoever issues has looked for a press"
    template, content = template_of(on)
    return Proof(template, made.facts[OFFICIAL], press.render(content, made.facts[OFFICIAL]))


def keep(on: Occasion, work: Work, made: Made, publication: str, actor: str, proof: Proof | None = None) -> Printed:
    """Keep a document beside the event that is about to be written, as the proof has it where that says the same, and
    printed anew otherwise. Raises `PressProblem`.
    """
    papers = on.desk.papers
    assert papers is not None, "whoever issues has looked for papers"
    template, _ = template_of(on)
    fits = proof is not None and (proof.template, proof.facts) == (template, made.facts[OFFICIAL])
    docx = proof.docx if proof is not None and fits else proofed(on, made).docx
    told = {**{str(lang): each for lang, each in made.facts.items()}, BASIS: basis(on)}
    paper = Paper(
        stream=on.about.id,
        seq=on.about.seq + 1,
        publication=publication,
        number=made.number,
        title=made.words[OFFICIAL].title,
        audience=on.rule.audience,
        template=template,
        facts=told,
        issued_at=on.as_of,
        issued_by=actor,
    )
    return Printed(made.number, template, papers.issue(work, paper, docx), digest_of(told), made.wording)


def basis(on: Occasion) -> dict[str, Json]:
    """What its facts were taken from, so that they can be made again: the first day, and how far the record of each
    task that was looked at went, in the order in which they were read.
    """
    read = {task.id: task.seq for task in (*ancestry(on), *on.found)}
    return {"since": on.since.isoformat(), "read": [[task, seq] for task, seq in read.items()]}


def digest_of(facts: Mapping[str, Json]) -> str:
    """The digest by which an event names the facts of its document."""
    return sha256(canonical(dict(facts)).encode()).hexdigest()


def template_of(on: Occasion) -> tuple[str, bytes]:
    """The template in use: its digest and its bytes. Raises `PressProblem` where none is kept."""
    papers, name, process = on.desk.papers, on.rule.template or "", on.edition.process.process
    versions = papers.templates(process, name) if papers else ()
    content = papers.file(versions[-1].digest) if papers and versions else None
    if content is None:
        missing = Text(f"没有模板 {name}，请由管理员上传", f"there is no template {name}: an admin has to upload it")
        raise PressProblem("template_missing", missing)
    return versions[-1].digest, content
