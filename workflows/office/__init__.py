"""The office at work: register, fire, sweep, look, issue. Each is one function that takes a desk.

    registering    tasks enter, all of a list or none
    firing         one act of a person, in one transaction
    sweeping       time runs for what is due
    publications   documents are numbered, issued and kept
    bulletin       what a publication may say
    notices        what a notice says
    views          worklist, board and the page of a task
    possible       what may be done with a task now, and what speaks against the rest
    mine           what somebody owes, and what waits for them
    evidence       which files somebody may put on record
    changes        from a decision to what a store writes
    sayings        refusals that are the office's own, in words

An answer is a value: what was done, or a `Refusal`.
"""
