"""Templates of papers that staff write in Word: what they may hold, checked, filled and set.

A template replaces the sheet that ships. It is read, filled and turned into a page in a child
process; what it holds and nobody could print, or what acts or fetches, is refused with its place.
"""
