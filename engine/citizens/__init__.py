"""The citizen's side: what is reported without an account, and how it is followed.

Whoever calls these use cases is unknown: nothing here returns what a stranger may not learn, and
what is refused is refused in the same words and the same time, whatever the reason.
"""
