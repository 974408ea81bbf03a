DROP TABLE westgard_setting;
