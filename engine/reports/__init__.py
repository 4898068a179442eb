"""Read-only boards and figures of an area: what is there, what is late, whose move it is.

Every number comes with the condition that lists exactly its cases.
"""
