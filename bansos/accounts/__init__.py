"""bansos.accounts"""
