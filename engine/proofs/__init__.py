"""Proofs: what can never happen to a task, what always will, and what always can, for everything that people may do.

The rules are those of `engine.decide`; here they are followed with everything at once that is not known. A body is a
timed automaton (`model`): a place is its state, what each watched deadline is at, a little history, and truths about
its record; clocks are kept as zones. What the automaton cannot do the engine cannot; what it can do is only a
candidate, until `workflows.authoring.refuting` made the engine do it.

    claims      what is claimed                           verdicts    claim by claim, from coarse to fine
    building    which model a question needs              model       places, clocks, watches
    drafts      what one decision may do                  reacting    what deadlines answer to it
    looks       which triggers matter to which deadlines  total       what may make a trigger fail
    explore     every place and every zone                filled      fields that are surely set, by state
    zones       difference-bound matrices                 scales      working days and calendar days on one clock
    spans       how long a deadline may run               judging     whether guards may hold (`solving` by the solver)
    valuing     what a part of a guard may come to        domains     what may be known of a value
    trees       guards as text, and what they read        following   what is true after a transition
    counts      how far counting matters                  starving    circles in which a deadline is set back
    reach       ways that are there for certain           acting      acts that are surely possible
    forms       forms that people may choose
    answered    expressions that surely have a value      unanswered  guards that may have none where they are asked

Where the model is wider than the engine (never narrower): a deadline that is not watched may pass whenever it may run;
pauses leave any time that was left; a date that hangs on a form or the record may be any day; several occurrences at
once, and what recurs, may pass at any time; children and the parent may do at any time what they can do to a task;
windows are never closed. To take an act back is to be where one was, later. What it takes for granted:
`workflows.authoring.proving.ASSUMED`.
"""
