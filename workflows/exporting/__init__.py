"""The record in the standards that others read, for whoever takes it away to ask it with tools that are not ours.

values      what crosses: steps of tasks, and the objects and events of OCEL 2.0
record      the record as steps, with the edge that each takes
xes         IEEE 1849, one trace for each task
ocel        OCEL 2.0: tasks, units and editions as objects; the SQLite form is written by storage
plain       NDJSON and CSV
edges       the moves that a definition allows: the alphabet of a log
nets        the state machine as PNML and as BPMN
taken       who took what away is itself recorded

No export carries what a form holds but NDJSON, and that less what the law protects.
"""
