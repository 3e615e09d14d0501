"""Plumbline's product code: everything that is deployed, and nothing that is not."""
