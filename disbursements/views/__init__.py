"""Pages of money: one query or one service each."""
