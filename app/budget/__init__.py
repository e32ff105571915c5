"""Budget: the funders' shares."""
