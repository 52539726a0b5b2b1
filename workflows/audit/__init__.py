"""What an auditor asks of the record.

sealing     the tree in the life of an office: who appends, signs, proves and looks
history     every event of a task as a sentence
explaining  why something happened, down to lines and facts
verifying   is everything in a database what its own record says
"""
