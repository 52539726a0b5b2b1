"""A way to break a claim, walked by the engine itself: what the model only holds possible is real once this did it.

guesses     values for records and forms: few, but those that guards look at
walk        a family on a virtual clock that goes on from any point, with what was done so far
breaks      whether a claim is broken where a walk has come
search      from a path of the model to a walk that breaks the claim
telling     a walk as a dated story in words, and as a scenario that anybody can run
"""
