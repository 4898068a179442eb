"""Reading BPMN files into plain data."""
