"""The definition language as data: what an author may write, and nothing else (an unknown key is an error).

Each class is one concept of the language, each field one key; `docs/language.md` explains them all, and a test fails
for a key that is not explained there. Models hold what was written; meaning is given by `engine.loading`, which
compiles them.

    base          titles, names, the strictness that all share
    fields        typed fields, forms, milestones, parameters
    transitions   triggers, branches, windows and what follows (effects)
    deadlines     who owes what by when, and what a missed one leads to
    process       a body (states and all that hangs on them) and the process around it
"""

from engine.model.base import Model, Titled
from engine.model.deadlines import Deadline, Due, Extend, MetBy, Pause, Reminder
from engine.model.fields import Field, Milestones, Parameter, Role
from engine.model.process import (
    Body,
    Child,
    Marks,
    Measure,
    Notice,
    Process,
    Property,
    Publication,
    Registration,
    Signal,
    State,
)
from engine.model.transitions import Branch, By, Effect, MilestoneChange, Transition, Why, Window

__all__ = [
    "Body",
    "Branch",
    "By",
    "Child",
    "Deadline",
    "Due",
    "Effect",
    "Extend",
    "Field",
    "Marks",
    "Measure",
    "MetBy",
    "MilestoneChange",
    "Milestones",
    "Model",
    "Notice",
    "Parameter",
    "Pause",
    "Process",
    "Property",
    "Publication",
    "Registration",
    "Reminder",
    "Role",
    "Signal",
    "State",
    "Titled",
    "Transition",
    "Why",
    "Window",
]
