"""bansos.documents"""
