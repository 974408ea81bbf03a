DROP TABLE evidence_link;
