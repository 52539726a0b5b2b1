"""Pictures of a definition and of a rehearsal, fit for a circular.

Of states `states.py` says what is drawn, `placing.py` asks Graphviz where it stands, `drawing.py` writes the SVG.
`timeline.py` draws a rehearsal. `words.py` measures text, `svg.py` has the pieces.
No picture needs colour to be read: who acts is a number too.
"""
