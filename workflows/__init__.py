"""What people do: authors, the office and the units, auditors, and the work they share. Storage is reached only
through `ports`.
"""
