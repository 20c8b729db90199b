"""bansos.regions"""
