"""The demonstration company: a believable year of a retailer's life, made through the same verbs as in life."""

from privacy.desk.jobs.demonstration import load_demonstration

__all__ = ["load_demonstration"]
