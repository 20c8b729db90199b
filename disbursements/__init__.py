"""disbursements"""
