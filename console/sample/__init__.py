"""Made-up notices in every format, packages and a whole archive of them: for tests, the demo and benchmarks."""
