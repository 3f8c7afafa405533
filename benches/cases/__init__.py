"""The measured programs: one process each, run by the interpreter of the library they measure."""
