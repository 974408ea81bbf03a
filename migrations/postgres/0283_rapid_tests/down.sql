DROP TABLE rapid_test;
