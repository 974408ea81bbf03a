DROP TABLE urgent_finding;
