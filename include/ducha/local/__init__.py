"""Airflow on a single machine: its processes, its settings, and the demonstration."""
