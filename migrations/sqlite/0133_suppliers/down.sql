DROP TABLE lot_receipt;
DROP TABLE supplier;
