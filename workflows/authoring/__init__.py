"""What authors do with a definition: try it on scenarios, rehearse it over a year, publish it."""
