"""The commands of `kaixu-hub`, one module each; a module is imported only when it runs."""
