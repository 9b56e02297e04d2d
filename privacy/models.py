"""Contents page: the tables of every room, from the ground up."""

from privacy.ledger.models import *
from privacy.workforce.models import *
from privacy.statement.models import *
from privacy.agreements.models import *
from privacy.programme.models import *
from privacy.access.models import *
from privacy.optouts.models import *
from privacy.tickets.models import *
from privacy.mailroom.models import *
from privacy.promises.models import *
