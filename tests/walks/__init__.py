"""Every way through a pathway: what its tables and questions tell apart is tried, and no way may end a plan wrongly."""
