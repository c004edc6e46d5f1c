"""The columns that name a row of a mart within one week, for tests that hold two sets of figures together."""

from ducha.warehouse.release import TABLES

MART_KEYS = {table: [key for key in keys if key != "plan_year"] or ["week_code"] for table, keys in TABLES.items()}
