"""Fixed words of the domain, each in one module: levels, lamps, priorities, channels.

Whoever needs the keys, the names or the order of one of them reads it here; nothing repeats them.
"""
