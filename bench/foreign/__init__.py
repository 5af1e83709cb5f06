"""A register of Morocco by another hand, to measure what was built beside the first one."""
