"""Reads about access. One file per subject."""

from privacy.access.queries.grants import *
from privacy.access.queries.people import *
from privacy.access.queries.emergencies import *
from privacy.access.queries.sessions import *
from privacy.access.queries.changes import *
from privacy.access.queries.leaving import *
from privacy.access.queries.restoring import *
from privacy.access.queries.reviews import *
from privacy.access.queries.review_work import *
from privacy.access.queries.review_evidence import *
from privacy.access.queries.scim import *
from privacy.access.queries.map import *
from privacy.access.queries.timeliness import *
from privacy.access.queries.clock_points import *
from privacy.access.queries.breaches import *
from privacy.access.queries.evidence import *
