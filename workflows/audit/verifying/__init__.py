"""Is everything that a database holds what its own record says? `duban verify`.

findings    what may be found: a code, where, the words, what to make of it
values      rows as they stand, and what a family lived through
ports       what a database shows: one moment, read only
chains      one stream: hashes, numbers, times, columns
books       by what was decided: editions, calendars and units as they were then
family      one family while it is lived again
deciding    a family lived again: each command decided once more
timing      when it was recorded, and what time should have decided before
guards      guards evaluated again on the operands that their events kept
standing    the tables that follow from events, worked out anew
tallies     what a family says of things kept for the whole house
house       editions, calendars, files, documents, numbers, orders, answers
reprinted   the facts of documents, made again from the record as it was when they were issued
rights      people, units and rights against the record of what was done to them
sealed      the tree over all chains, and the heads that others hold
bench       what one process has open, and how it looks at a batch
running     the whole database: processes, progress, results that are kept
"""
