"""Every table at once, without the migrations: quick, for tests that are about something else."""

from sqlalchemy import Engine

import postmortems.audit.models
import postmortems.exchange.git_models
import postmortems.exchange.models
import postmortems.gate.models
import postmortems.guards.models
import postmortems.incidents.warned
import postmortems.people.models
import postmortems.reviews.models  # noqa: F401
from postmortems.db import Base


def create_all(engine: Engine) -> None:
    Base.metadata.create_all(engine)
