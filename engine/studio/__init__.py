"""Where pathways are drawn: drafts of an authority's folder, checked, tried, compared, and published by two people."""
