"""The compatibility site: `reports/index.html`, one file that holds its data and draws itself."""
