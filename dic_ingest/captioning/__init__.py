"""DICModel: from a figure and what surrounds it to a description and its evidence."""
