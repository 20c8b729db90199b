"""bansos.jobs"""
