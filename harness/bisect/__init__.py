"""From a case to the release, the package and the commit that changed it."""
