"""Addresses of other rooms' pages, by URL name: names are the port through which the desk points at them."""

from typing import Any

from django.urls import NoReverseMatch, reverse


def address_of(*names: str, pk: Any = None) -> str:
    """The address of the first of these URL names that exists, for one record where `pk` is given; "" where none does."""
    for name in names:
        try:
            return reverse(name, args=[] if pk is None else [pk])
        except NoReverseMatch:
            continue
    return ""
