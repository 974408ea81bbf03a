DROP TABLE worksheet_lot;
DROP TABLE lot_parent;
DROP TABLE lot;
