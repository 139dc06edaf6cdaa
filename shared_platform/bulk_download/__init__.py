"""The whole catalogue as one file for each position of the log, with a cursor that goes on."""
