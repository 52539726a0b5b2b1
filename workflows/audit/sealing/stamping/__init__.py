"""Time stamps of heads by an authority outside the house.

stamps.py   what is asked, and what an answer is worth
order.py    an answer as the library reads it
sayings.py  why none was kept or believed
"""
