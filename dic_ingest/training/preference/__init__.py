"""Preference tuning after UltraCaption: better and worse captions, the mixed loss, its experiment."""
