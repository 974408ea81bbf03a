DROP TABLE part_use;
