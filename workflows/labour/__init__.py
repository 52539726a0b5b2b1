"""Work that takes longer than a request: jobs, what they did to each thing, and who runs them.

values     a job, its fates, and the health of the machine
ports      what keeps jobs
context    what a kind of job is given: progress, fates, whether it was cancelled
stopping   what may be stopped and what may not
watching   who may see a job, and who may stop it
kinds      the sweep, the post, publications and documents that wait
bulk       one action on many tasks, the fate of each reported
reprojecting  open deadlines after a change of a calendar
migrating  running tasks to another edition, or back
backtesting  a draft over the history, kept beside it
health     what an operator looks at
"""
