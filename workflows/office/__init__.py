"""The office at work: register, fire, sweep, look, issue. Each is one function that takes a desk.

    registering    tasks enter, all of a list or none
    firing         one act of a person, in one transaction
    sweeping       time runs for what is due
    publications   documents are numbered, issued and kept
    cadences       what programmes issue by the calendar
    programmes     what tasks are part of
    waiting        what was ordered and has not gone out is issued
    notices        what a notice says
    views          worklist, board and the page of a task
    possible       what may be done with a task now, and what speaks against the rest
    mine           what somebody owes, and what waits for them
    evidence       which files somebody may put on record
    sayings        what its refusals say

An answer is a value: what was done, or a `Refusal`.
"""
