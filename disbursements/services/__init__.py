"""Every write on money: budgets, pay lists, bank files, results, returns, closing."""
