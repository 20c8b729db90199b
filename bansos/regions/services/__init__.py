"""Writes of regions: loading them, and the holiday calendar."""
