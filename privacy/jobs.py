"""Contents page: the background jobs of every room, for the worker."""

from privacy.access import jobs as _access
from privacy.ledger import jobs as _ledger
from privacy.mailroom import jobs as _mailroom
from privacy.optouts import jobs as _optouts
from privacy.promises import jobs as _promises
from privacy.tickets import jobs as _tickets
from privacy.workforce import jobs as _workforce
