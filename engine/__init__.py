"""Everything that is not HTTP: people, cases, clocks, policy, audit and the BPMN engine."""
