"""Forms of programmes: shapes of input only, every rule lives in the services."""
