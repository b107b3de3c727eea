"""Fixtures that every test may use: the shared folder with reference data, and its absence."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# Machines differ in speed and are shared; a slow example is not a wrong one.
settings.register_profile("tokeval", deadline=None)
settings.load_profile("tokeval")

# No test reads or writes the user's cache; those of the cache set a folder of their own.
os.environ["TOKEVAL_CACHE_MAX_SIZE"] = "0"

SHARED = Path(__file__).parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with published figures, parallel text and tokenizer files, beside the checkout."""
    if not SHARED.is_dir():
        if os.environ.get("TOKEVAL_REQUIRE_SHARED") == "1":
            pytest.fail(f"TOKEVAL_REQUIRE_SHARED=1, but there is no folder {SHARED}")
        pytest.skip("the folder ../shared with the reference data is not beside the checkout")
    return SHARED
