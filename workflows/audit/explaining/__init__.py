"""Why something happened: from an event back through its causes, down to lines of the definition and to the facts.

lines      where a part of an edition stands in its text
past       the recorded events of a family, and a task as it was before any of them
origins    a fact that a guard saw, and the events that made it so
effects    what an act sets off, and whether the condition of each held
rules      which lines an event follows
ways       what was tried with what it saw, what did not come about, and why
dates      what the rule of a date read
telling    all of it in words
chain      the steps, from an event back to whoever or whatever began it
"""
