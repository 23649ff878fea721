"""The editor's and operator's command line. Functions never import it."""
