"""Pages of programmes: each finds its row in the user's area and calls one query or service."""
