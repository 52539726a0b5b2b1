"""The product shown: a year of a real office lived through on a virtual clock, and whoever looks at it.

year        a process published, its list registered, its story told
visitors    users for each role, and the clock that they move
"""
