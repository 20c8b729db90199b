"""Lists in and out: guards uploads, finds the table in any sheet, writes safe workbooks."""
