DROP TABLE job;
DROP TABLE mail;
DROP TABLE nonconforming_item;
DROP TABLE nonconforming_work;
DROP TABLE report;
DROP TABLE stored_file;
