"""Every write on people, families, accounts, snapshots, drafts and lists on their way in."""
