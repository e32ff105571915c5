"""An event's brand: its two colours, its crest, and the stylesheet that carries them."""
