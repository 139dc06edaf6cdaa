"""The federation's members as the hub sees them: enrolment, keys, scope, inbox, standing."""
