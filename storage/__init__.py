"""Where everything is kept: the only room that knows SQL.

The map:

    opening       an address becomes a store
    errors        what can go wrong with a database, with cause and cure
    sql_store     the store in SQLite or PostgreSQL
    sql_work      its transaction
    sql           the transaction's statements
    reading       the other questions, in SQLAlchemy Core
    memory        the same contract in dictionaries
    rows          a change becomes rows
    projection    what it alters on the board and among the deadlines
    spans         the bitemporal board
    tables        the schema
    schema        its revision, and how it is brought up to date (migrations)
    as_made       whether it is still as this program made it
    otherwise     in which words it is said that it is not
    engines       connections that keep their word
    offices       an address becomes an office: the store, and all that stands beside it
    people        units, users, roles, sessions, tokens
    streams       chained streams that are no task's
    log           the tree over all chains: its sequencer, its heads
    instants      microseconds since 1970
"""

from storage.errors import StoreBusy, StoreProblem
from storage.opening import open_store, upgrade_store

__all__ = ["StoreBusy", "StoreProblem", "open_store", "upgrade_store"]
