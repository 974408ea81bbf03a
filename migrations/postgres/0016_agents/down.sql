DROP TABLE agent_port;
