"""When each loop of a service last worked, failed, and works again."""
