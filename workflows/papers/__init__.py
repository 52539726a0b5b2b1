"""Official documents: what they say, how they are numbered, issued, voided and filed.

`values` and `ports` are the door to the rooms that keep and print them; `facts` gathers what a template may use;
`issuing` writes one beside its event; `waiting` issues what was ordered and has not gone out.
"""
