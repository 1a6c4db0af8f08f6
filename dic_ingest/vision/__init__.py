"""Networks that see: OCR, layout detector, figure classifier, line segmentation; one session runs them."""
