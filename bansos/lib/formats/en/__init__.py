"""English formats, day before month as everywhere in this house."""
