"""What an auditor asks of the record.

history     every event of a task as a sentence
sentences   the words of each kind of event, in one place
"""
