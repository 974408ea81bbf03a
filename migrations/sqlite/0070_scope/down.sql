DROP TABLE accredited_scope;
