"""Sets up and starts everything on one machine with the standard library alone.

`python3 -m bansos.launcher run|test|demo|...` runs before any package is installed.
"""
