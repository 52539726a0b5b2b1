"""A problem says what, where and what would be right, in two languages, and is met in the order of the text."""

from engine.problems import Position, Problem, Text, errors, in_order, meant, suggest

WRONG = Text("错", "wrong")


def test_a_problem_is_one_line_with_its_place_and_cure() -> None:
    """The form that editors and terminals make clickable."""
    problem = Problem("unknown-state", Position("p.yaml", 3, 7), WRONG, Text("改", "mend"))
    assert str(problem) == "p.yaml:3:7: wrong — mend"
    assert problem.text("zh") == "p.yaml:3:7: 错 — 改"


def test_a_problem_without_a_cure_ends_with_the_message() -> None:
    """No dangling dash."""
    assert str(Problem("x", Position("p.yaml"), WRONG)) == "p.yaml:1:1: wrong"


def test_problems_come_in_the_order_of_the_text_and_once() -> None:
    """Line 9 stands before line 10, and what two checks found is said once."""
    tenth, ninth = (Problem("x", Position("p.yaml", line), WRONG) for line in (10, 9))
    assert in_order([tenth, ninth, tenth]) == [ninth, tenth]


def test_a_warning_does_not_stop_the_work() -> None:
    """Only errors count as such."""
    warning = Problem("x", Position("p.yaml"), WRONG, severity="warning")
    error = Problem("x", Position("p.yaml"), WRONG)
    assert errors([warning, error]) == [error]


def test_a_near_name_is_suggested_and_a_far_one_is_not() -> None:
    """`laging` meant `lagging`; nothing is near `zzz`."""
    assert suggest("laging", ["lagging", "done"]) == "lagging"
    assert suggest("zzz", ["lagging", "done"]) is None


def test_without_a_near_name_the_known_ones_are_listed() -> None:
    """A reader who is far off sees what exists, a dozen at most; where nothing exists nothing is said."""
    assert meant("zzz", ["done", "lagging"]) == Text("可用的有：`done`, `lagging`", "known here: `done`, `lagging`")
    assert meant("laging", ["lagging"]) == Text("是否想写 `lagging`？", "did you mean `lagging`?")
    assert meant("zzz", []) is None
    many = meant("zzz", [f"name{n:02}" for n in range(20)])
    assert many is not None
    assert many.en.endswith("`name11`, …")
