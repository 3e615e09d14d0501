"""Leads as staff work with them: found, read, and followed on their way."""
