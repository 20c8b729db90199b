"""Tests mirror the code: tests/<app>/test_<room>.py."""
