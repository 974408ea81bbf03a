DROP INDEX result_entry_at;
DROP TABLE transfer_check;
