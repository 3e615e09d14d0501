"""
What is assumed of other people's systems, each a round figure on the careful side. Nothing here is a promise.

Quotas that an account may have raised are the ones that it begins with.
"""

SHEET_CALLS_A_MINUTE = 60  # Google Sheets API, "Usage limits": write requests a minute, project and user
SHEET_CALL_S = 1.0  # of a values:batchUpdate with 100 rows
MAILS_A_MINUTE = 14 * 60  # SES Developer Guide, "Service quotas": a usual rate outside the sandbox
MAIL_CALL_S = 0.15
RECEIVER_CALL_S = 0.3  # of a webhook's receiver; ours waits for 5 s
TOLD_S = 0.02  # one note in the app: two statements
STAFF = 3  # who are told of each lead in the app
DATABASE_S_A_REQUEST = 0.01  # for which a request holds a connection: two statements, behind a proxy
