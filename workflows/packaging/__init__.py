"""The audit package: the record as somebody who distrusts the office takes it home, with what verifies it there.

values            what crosses: rows as they stand, leaves and heads, the scope of a package
ports             one moment of a database, read for a package
compiled          an edition as data: what a move may be, guards as syntax trees
withholding       personal lines leave their digests in their places
contents          the files of a package, one after the other
boards            how everything stood at the end of each month
described         what is in it, for people: two pages
bagged            files into a BagIt folder or zip, each with its digest
taking            the whole of it: note who takes it, then write one moment of the record
verify_package    the verifier that goes with it: one file, standard library only, nothing of ours

The format is written down in `docs/audit-package.md`.
"""
