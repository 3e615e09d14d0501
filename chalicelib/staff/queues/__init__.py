"""The queues: what died on them, and how it is brought back to life."""
