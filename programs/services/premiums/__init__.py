"""Premiums of an insurance: payers, the list of a month, the file, the insurer's answer."""
