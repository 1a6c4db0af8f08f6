"""A critic after UltraCaption: true and faulted statements with step-by-step checks, and how good it is."""
