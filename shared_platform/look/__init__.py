"""Name, colours and logo of a service, as its operators change them while it runs."""
