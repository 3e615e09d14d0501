"""
AWS's part of the running system: API Gateway, Lambda, the SQS event source mappings and EventBridge's
schedules.

The product's handlers run unchanged in processes of their own (`containers`), against the documented
Runtime API, and get the documented events. Nothing here imports the product; what it offers is asked from a
process (`describe`).
"""
