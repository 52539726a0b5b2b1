"""Why something happened: from an event back through its causes, down to lines of the definition and to the facts.

lines      where a part of an edition stands in its text
past       the recorded events of a family, and a task as it was before any of them
origins    a fact that a guard saw, and the events that made it so
rules      which lines an event follows, and what its guards saw
reasons    one step of an explanation: an event, its lines, its guards, its date
chain      the steps, from an event back to whoever or whatever began it
"""
