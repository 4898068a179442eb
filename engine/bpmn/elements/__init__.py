"""The elements of BPMN, each in a file of its own: what it does, what it may hold, what it needs.

How they are read from a diagram: `engine.bpmn.parsing`; how they are put together:
`engine.bpmn.build`.
"""
