"""The fixtures give what the tests of the stores rely on: a real server, and a database that nobody shares."""

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool


def _ask(url: str, question: str) -> object:
    with create_engine(url, poolclass=NullPool).connect() as connection:
        return connection.execute(text(question)).scalar_one()


def test_the_server_is_a_real_postgresql(postgres_url: str) -> None:
    """The suite's claims about PostgreSQL are made on PostgreSQL itself."""
    assert str(_ask(postgres_url, "select version()")).startswith("PostgreSQL 1")


def test_a_fresh_database_is_empty_and_not_the_servers_own(fresh_postgres: str) -> None:
    """No table of another test is found here."""
    assert str(_ask(fresh_postgres, "select current_database()")).startswith("t_")
    assert _ask(fresh_postgres, "select count(*) from pg_tables where schemaname = 'public'") == 0


def test_what_one_test_writes_the_next_does_not_see(fresh_postgres: str, postgres_url: str) -> None:
    """Tables made in a fresh database stand in no other."""
    with create_engine(fresh_postgres, poolclass=NullPool).begin() as connection:
        connection.execute(text("create table left_behind (n int)"))
    assert _ask(fresh_postgres, "select count(*) from pg_tables where tablename = 'left_behind'") == 1
    assert _ask(postgres_url, "select count(*) from pg_tables where tablename = 'left_behind'") == 0
