"""Supervised fine-tuning of a vision-language model in stages: what is taught, how, and the run itself."""
