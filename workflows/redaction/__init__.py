"""Personal values erased for good, with every proof intact: an order that takes two people, and an event that says so.

values      an order, the lines that it took, and what is recorded of both
ordering    an order asked for, approved by another, or returned
carrying    an order carried out, once: lines, read models, messages, files; and what was left of it, finished
looking     where else the words stand that are to go
ports       what a database does for it
sayings     why not, and what would help

Which lines may go, and what stands in for them, is `erased`.
"""
