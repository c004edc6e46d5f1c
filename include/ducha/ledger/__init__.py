"""Append-only facts on three clocks: the week they are about, when they came, when they were recorded."""
