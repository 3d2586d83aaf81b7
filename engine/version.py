"""The engine's version: everything that, changed, could change an answer; a checkpoint holds it."""

from engine.expressions import CEL_VERSION
from schemas.zones import TZDATA_VERSION

FOLD = 11
"""Raised with every change of the fold, or of what it stores."""

UNICODE = "14.0.0"
"""The table that decides which characters a member id may have (`schemas.members`)."""

ENGINE_VERSION = f"fold {FOLD}, tzdata {TZDATA_VERSION}, unicode {UNICODE}, cel {CEL_VERSION}"
