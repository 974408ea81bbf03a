DROP TABLE link_settings;
