DROP TABLE feed_index;
DROP TABLE log_link;
DROP TABLE log_head;
DROP TABLE audit_pending;
DROP TABLE audit_entry;
