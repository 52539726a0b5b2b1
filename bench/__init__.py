"""The budgets, measured: `python -m bench` writes RESULTS.md, `python -m bench --quick` only shows that all of it runs.

    scale         how much of everything a run does
    figures       a figure with its budget, and medians
    machine       where it was measured
    scenes        the office at work on a founding definition: what the other rooms measure
    tape          the statements of our own run, replayed by a bare driver: the floor
    bulk          a million tasks, copied in SQL from a few that were lived
    transitions   one durable transition on SQLite, against its floor and against DBOS
    clients       the same on PostgreSQL, with one client process and with eight
    sweeps        due deadlines among a million open tasks
    replays       a million events: evolve, the chain, the board as of a date
    starts        loading a definition, starting the command line
    rehearsals    a year of 35 tasks and of 10,000
    dbos_steps, rehearsal_child   programs that the others start
    results       the page

Figures are ratios of two things measured in one run, one after the other, and the median of five: a machine that is
busy with something else slows both. What never waits for a disk is counted in seconds of the processor.
"""
