"""Contents page: the background jobs of every room, for the worker."""
from privacy.promises.jobs import *  # noqa: F403
from privacy.optouts.jobs import *  # noqa: F403
from privacy.mailroom.jobs import *  # noqa: F403
from privacy.access.jobs import *  # noqa: F403
from privacy.access.jobs import *  # noqa: F403
