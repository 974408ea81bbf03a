DROP TABLE declaration;
DROP TABLE competence_record;
