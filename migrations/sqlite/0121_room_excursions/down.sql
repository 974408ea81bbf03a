DROP TABLE room_recipient;
DROP TABLE room_excursion;
