"""Giving a list to a bank: intent first, then the call, then what was heard; doubt stays doubt."""
