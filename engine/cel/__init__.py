"""What stands around the CEL library: the text before it, the kinds and the tree after it, the words for what is wrong.

    tokens       whole numbers become doubles, `has(name)` a variable; positions lead back to the author's text
    tree         the checked syntax tree as JSON
    kinds        the kinds of value, and what may stand where
    names        what may be declared, what is built in, what was meant
    faults       what is wrong with a text, with its cure
    evaluation   one evaluation while it runs: facts asked, operands kept
    compiled     the same expression as a function of Python, with the library as its arbiter

``engine.expressions`` puts them together and is what others import.
"""
