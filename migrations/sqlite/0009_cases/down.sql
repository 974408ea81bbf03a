DROP TABLE case_application;
DROP TABLE case_service;
DROP TABLE case_clock;
DROP TABLE case_acknowledgement;
DROP TABLE case_event;
DROP TABLE case_relation;
DROP TABLE failing_case;
