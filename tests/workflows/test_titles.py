"""The lines of a title: balanced, no lone character, no word torn that can be told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.papers.titles import LINE, lines


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("大连市2022年重点民生实事公开通报", ["大连市2022年重点民生实事公开通报"]),
        ("关于“实施警情件件办工程”逾期事项的督办单", ["关于“实施警情件件办工程”", "逾期事项的督办单"]),
        ("关于就“实施10万户老旧小区改造”进行约谈的通知", ["关于就“实施10万户老旧小区改造”", "进行约谈的通知"]),
        ("绿美汕尾生态建设指挥部重点工作进展情况通报", ["绿美汕尾生态建设指挥部", "重点工作进展情况通报"]),
        ("Order to rectify “Safe drinking water”", ["Order to rectify", "“Safe drinking water”"]),
    ],
)
def test_titles_break_where_words_end(title: str, expected: list[str]) -> None:
    assert lines(title) == expected


def test_nothing_is_left_alone_at_the_end_of_a_long_name() -> None:
    found = lines("关于“提高城乡低保和特困人员基本生活标准并扩大覆盖范围的民生实事项目”限期整改的通知")
    assert len(found) == 3
    assert min(map(len, found)) > 4


@given(st.text("关于的和“”，。《》实施工程通知Ab1 ", min_size=1, max_size=70))
def test_no_letter_is_lost_and_no_line_begins_with_a_full_stop(title: str) -> None:
    found = lines(title)
    assert "".join(found).replace(" ", "") == title.replace(" ", "")
    if len(found) > 1:
        assert all(each and each[0] not in "，。”》的部" for each in found[1:])
        assert all(len(each) <= LINE / 0.55 for each in found)
