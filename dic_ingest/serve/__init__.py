"""A results folder for people and for programs: a web page and an MCP server over one library."""
