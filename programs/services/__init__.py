"""Every write on programmes, proposals, decrees and enrolments."""
