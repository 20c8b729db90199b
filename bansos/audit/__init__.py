"""bansos.audit"""
