"""What of a record may be erased, what has been, and what stands in for it where a rule is asked once more.

erasable    which lines of a record may be erased at all
telling     what was erased of a task, for whoever reads its history
filling     values to decide by again where the true ones are gone

Whoever reads, verifies or tries a history needs this; how an erasure is ordered and carried out is `redaction`.
"""
