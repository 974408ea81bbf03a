DROP TABLE room_reading;
DROP TABLE room;
