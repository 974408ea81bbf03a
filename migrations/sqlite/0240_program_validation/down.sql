DROP TABLE program_validation;
