"""Bansos: the working system of a provincial social agency."""
