"""
Calls to providers that cannot recognise a repeat, so that each is known, and each that may be double is
counted.
"""
