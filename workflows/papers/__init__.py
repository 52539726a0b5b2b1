"""Official documents: what they say, how they are numbered, issued, voided and filed.

`values` and `ports` are the door to the rooms that keep and print them; `facts` gathers what a template may use;
`bulletin` tells what a publication may say, `issuers` who may issue; `issuing` writes a document beside its event.
"""
