DROP INDEX part_retention;
DROP TABLE retention_event;
