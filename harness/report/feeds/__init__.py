"""Feeds: what a report says, in the formats that other tools read."""
