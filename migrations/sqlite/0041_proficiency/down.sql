DROP TABLE proficiency_round;
