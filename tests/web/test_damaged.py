"""What was taken out of a database is told on pages and to programs as what it is, and not as a fault of ours."""

from __future__ import annotations

from tests.web.stage import Stage


def test_a_page_says_it_too(stage: Stage) -> None:
    """To people and to programs, and not as a fault of ours."""
    with stage.office.store.engine.execution_options(writes=True).begin() as connection:
        connection.exec_driver_sql("DELETE FROM editions")
    stage.house.desk._editions.clear()
    client = stage.client("wu", "en")
    for path in (f"/tasks/{stage.tasks['homes']}", f"/api/v1/tasks/{stage.tasks['homes']}"):
        answer = client.get(path)
        assert answer.status_code == 503, answer.text
        assert "is pinned by a task and is not in this database" in answer.text
