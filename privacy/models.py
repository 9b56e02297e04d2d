"""Contents page: the tables of every room, from the ground up."""

from privacy.ledger.models import *  # noqa: F403
from privacy.workforce.models import *  # noqa: F403
from privacy.statement.models import *  # noqa: F403
from privacy.agreements.models import *  # noqa: F403
from privacy.programme.models import *  # noqa: F403
from privacy.access.models import *  # noqa: F403
from privacy.optouts.models import *  # noqa: F403
from privacy.tickets.models import *  # noqa: F403
from privacy.mailroom.models import *  # noqa: F403
from privacy.promises.models import *  # noqa: F403
