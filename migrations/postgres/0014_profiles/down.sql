DROP TABLE instrument_profile;
