DROP TABLE check_confirmation;
