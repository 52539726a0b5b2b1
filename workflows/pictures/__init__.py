"""Pictures of a definition, fit for a circular.

`states.py` says what is drawn, `placing.py` asks Graphviz where it stands, `drawing.py` writes the SVG, `words.py`
measures text. A picture needs no colour to be read: who acts is a number too.
"""
