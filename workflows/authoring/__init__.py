"""What authors do with a definition before it rules anybody: try it on scenarios, and rehearse it over a year."""
