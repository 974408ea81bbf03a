DROP TABLE dispatch_outcome;
DROP TABLE instrument_dispatch;
