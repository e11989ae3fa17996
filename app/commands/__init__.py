"""The command line, one module a group of commands: each validates, calls one library function, prints."""
