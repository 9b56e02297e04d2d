"""Ratios of our own work to the bare work underneath it, measured in one run: `make bench`, `make bench NAME=changelist`."""
