"""The commands: each parses, makes one call, and prints. The composition root: only here is a store picked.

speech      the language of a call, and the help screens in it
misuse      wrong calls in words
session     who acts on which database, in which language; how it answers, and how it refuses
times       instants as people write them
demo        the main job, to watch; `demo_told` is what it tells
database    init, upgrade
backup      backup, restore
users       user, token
units       unit, role
lists       lists of units and users
authoring   check, prove, rehearse, schema, publish, editions
entering    register
office      fire, amend, sweep, issue
looking     worklist, board, show
auditing    history
verifying   verify
calendars   calendar show, override, publish, reproject
serve       serve: the web on this machine
patience    how long a client that does not finish is waited for
files       files that a command writes
render      tables for people, JSON for programs
"""
