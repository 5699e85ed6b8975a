"""The site in a real browser: what finds and installs it, the sites that it opens, and the tests."""
