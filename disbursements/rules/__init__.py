"""Plain rules of money: moves, legs of the ledger, references, fingerprints, bank answers."""
