"""Templates come from outside: they say what they are given and can do nothing else."""

from __future__ import annotations

import pytest

from workflows.texts import TEXT_LIMIT, TextProblem, fill_in


def test_a_template_says_what_it_is_given() -> None:
    """Loops, conditions and plain filters."""
    text = fill_in(
        "{% for task in tasks %}{{ task.title }}{{ '、' if not loop.last }}{% endfor %}",
        {"tasks": [{"title": "甲"}, {"title": "乙"}]},
    )
    assert text == "甲、乙"


@pytest.mark.parametrize(
    "template",
    [
        "{{ missing }}",
        "{{ tasks.missing }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ tasks.append(1) }}",
        "{{ range(10) }}",
        "{{ lipsum() }}",
        "{{ cycler }}",
        "{{ 'x' * 1000 }}",
        "{{ 9 ** 9 }}",
        "{{ '%1000000d' % 1 }}",
        "{{ 'x'.center(100000) }}",
        "{{ 'x' | center(100000) }}",
        "{{ '{:1000000}'.format(1) }}",
        "{% include 'x' %}",
        "{{",
        "x" * 20_001,
    ],
)
def test_what_a_template_may_not_do_is_a_problem(template: str) -> None:
    """Names that are missing, Python's own attributes, changes, globals, and making much from little."""
    with pytest.raises(TextProblem):
        fill_in(template, {"tasks": [1]})


def test_a_text_does_not_grow_without_bound() -> None:
    """Nested loops end at the limit."""
    loops = "{% for a in many %}{% for b in many %}{{ a }}{{ b }}{% endfor %}{% endfor %}"
    with pytest.raises(TextProblem, match=str(TEXT_LIMIT)):
        fill_in(loops, {"many": list(range(1000))})
