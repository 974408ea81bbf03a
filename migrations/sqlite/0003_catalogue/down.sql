DROP TABLE catalogue_set;
