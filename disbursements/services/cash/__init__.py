"""Cash over the counter: opened after the SP2D, paid against receipts, closed by a person."""
