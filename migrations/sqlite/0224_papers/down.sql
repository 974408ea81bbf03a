DROP TABLE rejection_note;
DROP TABLE case_notice;
