"""From a Markdown file to email, web page and feeds."""
