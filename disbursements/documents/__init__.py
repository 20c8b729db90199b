"""What leaves the house about money: files for the bank, letters and records. Bytes, no writes."""
