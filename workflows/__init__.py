"""What people do: authors, the office and the units, auditors, and the work they share. Storage is reached only
through `ports`.

Each folder is a room, and imports only rooms below it: `docs/tour.md` has their order. On the floor that all of them
stand on are the files beside this one:

desk        what every act needs: a store, a clock, calendars, people, papers
ports       the Protocols of a store and the values that cross them
changes     from a decision to what a store writes
facets      by what lists know and group a task
personal    what the law protects: who may see it, what others see
sentences   each kind of event in words
channels    by which door something was done, in words
sayings     refusals in words, of the engine and of every room
worded      values out of a few with their words
parameters  what a definition fixed, in words
texts       templates from outside, in their sandbox
rows        what a list asks to have entered, and what is answered
listing     task lists out of spreadsheets; `cells` and `headings` read their sheets, `sheets` writes some
sources     definitions and calendars on disk
calendars   what administrators have changed in working calendars
coverage    what a definition declares, and what of it has happened
clock       time that is moved, and time that only grows
whole       files that appear when they are whole
spread      work dealt to all cores; `kept` is the file of its results

With them stand the `ports`, `values` and `sayings` of the rooms, which import nothing else of a room.
"""
