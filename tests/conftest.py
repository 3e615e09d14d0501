"""For every test: a generated example has no time limit of its own, since machines are busy."""

from hypothesis import settings

settings.register_profile("plumbline", deadline=None)
settings.load_profile("plumbline")
