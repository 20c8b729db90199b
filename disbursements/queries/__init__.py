"""Reads of money for pages, letters, reports and the apps above."""
