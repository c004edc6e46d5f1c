"""A county's own files: read, checked all at once, defaults filled in.

`files` and `terms` load no pandas: the weekly timetable reads the calendar while Airflow parses DAGs.
"""
