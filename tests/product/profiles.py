"""
How many examples Hypothesis tries: HYPOTHESIS_PROFILE=dev (100, the default), deep (10,000, for a night) or
mutants (as dev, but a failure is not made smaller, since nobody will read it).

Applied to each test by name, never loaded for the whole run, so that other folders keep their own.
"""

import os

from hypothesis import HealthCheck, Phase, settings

_COMMON = settings(
    deadline=None,  # the parts are real and the machine is shared
    print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
# Explaining a failure runs each example traced, which real parts make slow.
_PHASES = (Phase.explicit, Phase.reuse, Phase.generate, Phase.target, Phase.shrink)

settings.register_profile("dev", _COMMON, max_examples=100, stateful_step_count=50, phases=_PHASES)
settings.register_profile(
    "mutants", _COMMON, max_examples=100, stateful_step_count=50, phases=(Phase.explicit, Phase.generate)
)
settings.register_profile("deep", _COMMON, max_examples=10_000, stateful_step_count=50, phases=_PHASES)

PROFILE = settings.get_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))

# State machines of 50 steps: 200 runs each, or what the deep profile asks for.
MACHINES = settings(PROFILE, max_examples=max(200, PROFILE.max_examples))
MACHINES_MAY_TAKE_S = 400 if PROFILE.max_examples <= 200 else 0  # 0: as long as it takes
