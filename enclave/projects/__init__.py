"""Safe projects: data requests, their approvals, and the projects that they make."""
