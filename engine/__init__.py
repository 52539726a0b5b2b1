"""The pure room: definitions, expressions, terms and calendars, the machine, decide and evolve.

Nothing here reads a clock, a file or a random number, and nothing here knows a procedure: report, rectification,
interview and office are words of definitions. The map, from the bottom up:

    problems, reading      one text becomes plain data with positions, or all its problems at once
    reasons, undecided     why something failed, and why an expression has no value, in both languages
    calendars, terms,      working days, terms, periods and the arithmetic of one deadline, each result with its why
    recurrence, dues
    expressions            typed guards (CEL), with operands kept
    model, loading         the definition language and its checks: text -> Edition
    events, task           what is recorded, and what it adds up to (evolve)
    chain, tree            the evidence: salted digests, chains, one tree over all of them and its proofs
    machine, decide        which move is possible, and what one command leads to
"""
