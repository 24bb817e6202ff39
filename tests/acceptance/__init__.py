"""What is promised, shown on the real processes: the command, the processor and both servers."""
