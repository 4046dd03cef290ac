"""How hard the laws are tried. No law asserts a time, so none has a deadline."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

TOO_SLOW_TO_MAKE = [HealthCheck.too_slow, HealthCheck.data_too_large]
settings.register_profile("quick", deadline=None, max_examples=60, suppress_health_check=TOO_SLOW_TO_MAKE)
settings.register_profile(
    "thorough", deadline=None, max_examples=2_000, suppress_health_check=TOO_SLOW_TO_MAKE
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))
