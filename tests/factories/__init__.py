"""Records for tests, one module per app."""
