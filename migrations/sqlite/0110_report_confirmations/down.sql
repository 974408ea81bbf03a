DROP TABLE report_confirmation;
