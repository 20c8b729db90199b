"""What treasurers ask: who is not eligible any more, deadlines, reports, the budget card."""
