"""CIM: captions rewarded by the pictures that they retrieve. Nothing is imported here."""
