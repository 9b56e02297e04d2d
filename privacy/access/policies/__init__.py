"""Yes or no, about access. No writes, no request, no clock: every question takes its instant."""

from privacy.access.policies.grants import *
from privacy.access.policies.life import *
from privacy.access.policies.reviews import *
from privacy.access.policies.evidence import *
from privacy.access.policies.requests import *
