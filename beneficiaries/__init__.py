"""beneficiaries"""
