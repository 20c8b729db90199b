"""Pages of the register and of lists on their way in."""
