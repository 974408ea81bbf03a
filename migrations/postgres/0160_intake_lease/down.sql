DROP TABLE intake_lease;
