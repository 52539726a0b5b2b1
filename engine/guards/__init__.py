"""Questions about guards: can they hold, together or apart, and for which facts; asked before anything has happened.

    guards = questions(edition, edition.sheets[""])
    guards.possible(["form.percent < planned(form.month)"], state="in_progress", trigger="report")
    guards.possible([Literal(first, holds=False), second])       # the second branch is taken

Guards are asked by their text, as it stands in the body. Keywords say where: `state=` (one, or several of which it is
one), `trigger=` (whose form: what it requires is there, what it has not is not), `given=` (values:
`{"task.percent": 70.0, "task.due": None}`), `cube=` (atoms: `{"task.percent >= 100": True}`).

    possible(literals)            an `Answer`: `possible` with a witness, `impossible` (proved), or `unknown` with why
    never(literals)               True where it is proved that they cannot; no witness is looked for
    unless(a)                     it is false or fails
    always(a)                     True where it is proved that it is neither
    answered(a, given, there)     True where it is proved that it does not fail
    differs(other, a, b)          two answers: this edition's `a` holds and the other's `b` does not; the reverse
    atoms(texts)                  the conditions over the record alone of which guards are made, measures followed
    after(cube, when, set, atoms) every cube over the atoms that may follow a transition, for predicate abstraction

A literal that does not hold is *false*; a guard that fails (a field that is not set) is neither true nor false, and
what a person does then is refused. In a cube an atom is true or *not true*: each record has exactly one cube.

What an answer means. `impossible` is proved for all facts that the definition lets in, and for more: the history and
the calendar are any that obey the vocabulary (counts are not negative; equal calls are equal; the clock's words agree).
A witness without `rests_on` was tried on the real guards by the engine's own evaluation. Numbers are counted exactly
here and as doubles there: a difference in the sixteenth digit is not seen, and a witness that hangs on it is `unknown`.

    answers     questions and answers as values             domains     what each variable may hold
    words       parts of guards as people write them        codes       texts and days as whole numbers
    translate   guards in the logic; with `comparing` and `functions`; `parts` is what they are made of
    question    one question: demanded, asked, brought back `trying`    a witness is tried on the real guards
    quick       a few tries before a solver is asked    effort      how much may be asked, in steps
    asking      the questions by name                       logic       the solver (z3), imported there and nowhere else
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.guards.answers import IMPOSSIBLE, Answer, Cube, Fact, Literal, UndecidedError

if TYPE_CHECKING:
    from engine.edition import Edition, Sheet
    from engine.guards.asking import Guards

__all__ = ["IMPOSSIBLE", "Answer", "Cube", "Fact", "Guards", "Literal", "UndecidedError", "questions"]


def questions(edition: Edition, sheet: Sheet) -> Guards:
    """The questions about one body of an edition. The solver is loaded here, at the first call."""
    from engine.guards.asking import Guards

    return Guards(edition, sheet)
