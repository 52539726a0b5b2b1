"""What leaves the house by message: from a notice in the outbox to a mail that arrived, and the proof of it.

values     deliveries, messages, and what became of a try
ports      what keeps deliveries, and what carries a message
windows    when a notice may be sent: working days, hours, digests
planning   from a notice to deliveries: who is told, where, in which language, and when
following  what waits goes to the address and in the language that its recipient has now
sending    one message at a time, claimed, sent, recorded; repeated with back-off, given up in the end
"""
