"""Contents page: the admin of every room."""

from privacy.statement import admin as _statement
from privacy.promises import admin as _promises
from privacy.workforce import admin as _workforce
from privacy.agreements import admin as _agreements
from privacy.programme import admin as _programme
from privacy.access import admin as _access
from privacy.optouts import admin as _optouts
from privacy.tickets import admin as _tickets
from privacy.mailroom import admin as _mailroom
