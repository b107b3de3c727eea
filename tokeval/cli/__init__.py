"""The command line: a thin file for each subcommand; nothing heavy is imported until it is used."""
