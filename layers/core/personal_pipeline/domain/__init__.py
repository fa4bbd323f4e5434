"""Nouns and rules. No I/O, no cloud; time, ids and randomness come in as arguments."""
