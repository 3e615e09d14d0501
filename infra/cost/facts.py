"""
What one lead, one read and one quiet minute use, as `tests/product/test_cost_facts.py` counts it.

The lead is a calculator's with an e-mail address, told to three of staff in the app; its bytes are those of
the request's and all its workers' lines.
"""

STAFF = 3
MESSAGES_A_LEAD = 6  # one mail, one row, one notice that becomes three
LOG_BYTES_A_LEAD = 8_000
LOG_BYTES_A_READ = 900
LOG_BYTES_A_MINUTE = 4_000  # of the two schedules that run each minute
ROW_BYTES_A_LEAD = 3_900  # in all tables, without indexes and page headers
SERIES_AT_REST = 27  # metrics of CloudWatch that a quiet minute writes
