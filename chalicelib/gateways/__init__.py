"""
Other people's systems: siteverify, SQS, SNS, Google Sheets. A timeout in each, and a stated behaviour when
it fails.

They speak in our terms (`passed`, `sent`, `rows`) and raise `NoAnswer` when nobody answered; what that
means for a lead or a job is decided above.
"""
