DROP TABLE case_handling;
