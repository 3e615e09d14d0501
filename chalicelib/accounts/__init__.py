"""Accounts: who somebody is. Sign-in, and what people see of themselves."""
