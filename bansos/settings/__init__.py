"""Settings: base for all, dev (and `make run`), test, prod."""
