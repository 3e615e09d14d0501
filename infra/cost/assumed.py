"""What is assumed of visitors, staff, AWS and others: round figures, to be replaced by a bill's."""

HOURS_A_MONTH = 730
VISITS_A_LEAD = 20  # 5 % of visitors send a form
FILES_A_VISIT = 15
MEGABYTES_A_VISIT = 0.4
READS_A_VISIT = 4
STAFF_CALLS_A_LEAD = 10
READ_S = 0.02  # of the API's function, warm, on AWS
LEAD_S = 0.35  # most of it waits for siteverify
JOB_S = 0.4  # a worker's invocation with one message, waiting for SES, Google or PostgreSQL
SCHEDULE_S = 0.3
PLATFORM_LOG_BYTES = 350  # Lambda's own START, END and REPORT of each invocation
OUTGOING_BYTES_A_LEAD = 20_000  # through the NAT: siteverify, SES, Google, with TLS
ENDPOINT_BYTES_A_LEAD = 15_000  # SQS, by its endpoint
DATABASE_CPU_S_A_LEAD = 0.03  # with its jobs and the reads beside it
CORES_A_UNIT = 0.25  # of an Aurora capacity unit
PEAK = 4  # an hour's load of the busiest part of a day against the month's mean
INDEX_FACTOR = 3  # a row with its indexes and pages against its bytes
PAGES_WRITTEN_A_LEAD = 60  # I/O that Aurora charges
SERIES_IN_USE = 150  # metrics beside those of a quiet minute, once all routes are used
POLLS_AT_REST_A_MINUTE = 15  # of one queue: Lambda's five pollers, 20 s each
PROXY_LEAST_UNITS = 8  # what RDS Proxy charges at least for, in front of Serverless v2
