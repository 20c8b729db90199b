"""Measurements: ours against a reference, in one run, as ratios."""
