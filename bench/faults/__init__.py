"""Seeded faults against the real servers while people pay; the books and the bank must agree."""
