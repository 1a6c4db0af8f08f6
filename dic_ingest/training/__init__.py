"""Training of what the package ships and of what users adapt. Needs torch; nothing else imports it."""
