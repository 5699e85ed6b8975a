"""Reports: documents and pages made of stored results."""
