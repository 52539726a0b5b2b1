"""Time stamps of heads by an authority outside the house.

stamps.py   what is asked, and what an answer is worth
sayings.py  why none was kept or believed
"""
