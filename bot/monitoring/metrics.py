"""What /metrics tells: numbers only, never who or what."""

from prometheus_client import Counter, Gauge, Histogram

CONVERSATIONS = Counter("lesbrug_conversations_total", "Conversations opened", ["channel"])
ACCEPTED = Counter("lesbrug_messages_accepted_total", "Messages written to the inbox")
ANSWERED = Counter("lesbrug_messages_answered_total", "Messages answered")
FAILURES = Counter("lesbrug_failures_total", "Attempts that failed, by the part that did", ["part"])
REFUSED = Counter("lesbrug_refused_total", "Requests refused, by status", ["status"])
PENDING = Gauge("lesbrug_messages_pending", "Messages in the inbox without an answer")
TURN_SECONDS = Histogram("lesbrug_turn_seconds", "From accepted to answered", buckets=(.01, .02, .04, .08, .15, .3, .6, 1.2, 2.5, 5, 10, 30))
