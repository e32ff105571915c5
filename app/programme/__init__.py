"""Programme: items a guest can choose, and the fixed points around them."""
