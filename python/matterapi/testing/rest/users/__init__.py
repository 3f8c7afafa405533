"""Accounts, how they log in, and what belongs to one."""
