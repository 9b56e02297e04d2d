"""Refusals of access, as types; str() is a sentence for people."""

from privacy.access.errors.grants import *
from privacy.access.errors.systems import *
from privacy.access.errors.scim import *
from privacy.access.errors.reviews import *
from privacy.access.errors.evidence import *
from privacy.access.errors.life import *
