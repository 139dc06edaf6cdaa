"""The catalogue on other sites: web component, frames, badge, oEmbed, and the page for snippets."""
