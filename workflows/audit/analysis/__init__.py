"""What an auditor asks of many histories at once: where time goes, what departed from its plan, what was met at the
last moment, what was edited late, what was put off, and what runs in a row.

Every figure is worked out from recorded events and from nothing else, says in words how, and names the events behind
it: `report.py` is the shape of all of them, `lives.py` reads the histories, `catalogue.py` lists the reports.
"""
