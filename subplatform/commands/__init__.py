"""The commands of `kaixu-node`, each imported when it runs."""
