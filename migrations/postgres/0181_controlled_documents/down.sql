DROP TABLE controlled_document;
