"""The ways out: mail, HTTP gateways and robots, signed webhooks.

What happened stands in the outbox; ``spreading`` gives each channel its share, ``sending`` claims,
sends and records, ``lanes`` let no channel wait for another.
"""
