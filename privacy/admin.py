"""Contents page: the admin of every room."""

from privacy.statement import admin as _statement
from privacy.promises import admin as _promises
