"""SVG as data: its paths, texts and placed images. No script is run, nothing that it links to is fetched."""
