"""`python -m cli` is `duban`."""

from cli import main

main()
