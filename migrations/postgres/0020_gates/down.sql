DROP TABLE gate_confirmation;
DROP TABLE gate_setting;
