"""May this team upgrade? From evidence, what an environment or an upgrade does to the code that uses it."""
