"""The pages of holders and agents: declarations, patents, notices, their organisation."""
