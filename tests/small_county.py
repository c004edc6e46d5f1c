"""The small county that most tests count on: 10 units, 20 responsibilities, a calendar of its own. It stays as it is.

The full county of the demo stands in `include/county`; `tests/unit/county/test_full_county.py` looks at that one.
"""

from pathlib import Path

COUNTY = Path(__file__).resolve().parent / "county"
