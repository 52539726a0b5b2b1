"""Who people are, what they may do, and which tasks they may see.

values         units, users, holdings, and a person as they act
ports          what a store of people can do
rights         the one place that decides: system rights, actors for the engine, and the scope of what is seen
units          founded, renamed, moved, merged, closed
holdings       who holds which role from when to when: granted, ended, handed over, lent
noting         what all changes share: names that fit, what is recorded
accounts       users, passwords, lock-out
sessions       who is signed in
tokens         who calls by program
lists          units and users from a spreadsheet
sayings        refusals in words
"""
