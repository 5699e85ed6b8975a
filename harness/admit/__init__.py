"""What a case needs to count as verified, and whether it has it: pure decisions over what was measured."""
