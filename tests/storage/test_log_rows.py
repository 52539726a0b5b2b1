"""Rows that the log cannot have written are told in both languages: which row, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from engine.problems import Text
from storage import open_store
from storage.log import SqlLog
from storage.sql_store import SqlStore
from tests.test_reasons import english
from workflows.audit.sealing.checking import check
from workflows.audit.sealing.sayings import said

PLANTED = [
    (
        "INSERT INTO trees VALUES ('sha256', 0, '', 0); INSERT INTO tiles VALUES ('sha256', 0, 'z z')",
        Text("`tiles 'sha256', 0`：`root 'z z'` 不是本系统写的值", "tiles 'sha256', 0: root 'z z'"),
    ),
    (
        "INSERT INTO trees VALUES ('sha256', 7, 'no edge', 0)",
        Text("`trees 'sha256'`：`edge 'no edge'` 与大小 7 不符", "trees 'sha256': edge 'no edge' of 7"),
    ),
    (
        "INSERT INTO checkpoints VALUES ('sha256', 0, 'x', 0)",
        Text("`checkpoints 'sha256'`：没有这棵树", "checkpoints 'sha256': no such tree"),
    ),
    (
        "INSERT INTO trees VALUES ('sha256', 0, '', 0); INSERT INTO tiles VALUES ('sha256', 0, '" + "0" * 64 + "')",
        Text("`tiles 'sha256', 0`：树只有 0 条树叶", "tiles 'sha256', 0: the tree has 0 leaves"),
    ),
    (
        "INSERT INTO unsealed VALUES (0, 'gone', 1)",
        Text("`unsealed 0, 'gone', 1`：没有这条记录", "unsealed 0, 'gone', 1: no such event"),
    ),
]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    with closing(open_store(f"sqlite:///{tmp_path / 'duban.db'}", create=True)) as opened:
        assert isinstance(opened, SqlStore)
        yield opened


@pytest.mark.parametrize(("planted", "told"), PLANTED)
def test_a_row_that_the_log_cannot_have_written(store: SqlStore, planted: str, told: Text) -> None:
    """And the finding says it, each language in its own words."""
    with store.engine.begin() as connection:
        for each in planted.split(";"):
            connection.exec_driver_sql(each)
    log = SqlLog(store.engine)
    assert list(log.damaged()) == [told]
    found = next(each for each in check(log) if each.code == "tree_unreadable")
    assert said(found, "en").endswith(told.en)
    assert said(found, "zh").endswith(told.zh)
    assert not english(said(found, "zh"))
