"""The tree over all chains in the life of an office: who appends, who signs, who proves, and who looks.

values.py     leaves, trees, checkpoints, findings: what crosses the ports
ports.py      the log (a database keeps it) and the memory of what was signed (outside the database)
signing.py    heads are signed only where they go on from the last one that was
proving.py    one event's proof as a text that needs neither this program nor its database
growth.py     that one head goes on from another, likewise
witnessing.py a file that remembers the last head seen, and demands that the next one goes on from it
checking.py   the leaves against the events, the heads against the leaves
on_documents.py  the heads that the database's own documents bear
stamping/     time stamps of heads by others
growing.py    the standing job: append, then sign
sayings.py    findings in words
"""
