"""Deliberate defects: each must be found by the checks that stand beside it."""
