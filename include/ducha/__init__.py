"""Ducha (督查): from a county's weekly submissions to a signed supervision bulletin."""

__version__ = "0.1.0"
