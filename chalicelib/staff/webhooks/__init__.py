"""Webhooks as staff keep them, and what became of their deliveries."""
