"""The small county that most tests count on: 10 units, 20 responsibilities, a calendar of its own. It stays as it is.

The county in full is `include/county`; `tests/unit/county/test_full_county.py` looks at that one.
"""

from ducha.settings import PROJECT

COUNTY = PROJECT / "include" / "small_county"
FULL_COUNTY = PROJECT / "include" / "county"
