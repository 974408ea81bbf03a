DROP TABLE validation_run;
