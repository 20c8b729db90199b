"""Pages, components and the list engine."""
