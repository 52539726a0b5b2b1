"""The REST API: a module for each subject; the same rights as the pages."""
