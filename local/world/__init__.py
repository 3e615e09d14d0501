"""The internet of `make run`: stand-ins for Turnstile and Google, and the proxies that break on demand.

`python -m local.world` starts it; nothing here is ever imported by the product. The stand-ins answer as their
vendors document it and keep their state in one SQLite file, so a kill -9 loses nothing that was answered.
"""
