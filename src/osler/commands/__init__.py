"""What each verb of the command line does; modules are imported when their verb is given."""
