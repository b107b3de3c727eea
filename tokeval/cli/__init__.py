"""The command line: one thin file for each subcommand; nothing heavy is imported before it is used."""
