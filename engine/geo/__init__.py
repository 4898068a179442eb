"""Boundaries of units on the earth: import and checks, versions, and which unit a point lies in.

Everything is kept in WGS-84, which is what phones say; other systems are converted at the edge.
"""
