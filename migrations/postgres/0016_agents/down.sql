DROP INDEX worksheet_position_label;
DROP TABLE agent_port;
