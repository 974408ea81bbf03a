DROP TABLE upkeep_action;
DROP TABLE upkeep_run;
