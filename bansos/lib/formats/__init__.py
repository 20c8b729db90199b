"""Formats per language, in place of Django's own (which accept month/day/year)."""
