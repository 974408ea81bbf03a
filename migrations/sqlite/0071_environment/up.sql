-- Temperature and humidity of rooms, fridges and incubators (quality.md Q63-1): their limits, and every reading.
CREATE TABLE room (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    version BIGINT NOT NULL,
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    -- Exact decimals: degrees Celsius, per cent relative humidity; empty: no limit.
    temperature_least TEXT,
    temperature_most TEXT,
    humidity_least TEXT,
    humidity_most TEXT,
    -- Method standards that demand the limits, separated by `;`; `*`: every method.
    methods TEXT NOT NULL,
    -- Codes of the instruments that stand in it, separated by `;`.
    instruments TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE TABLE room_reading (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    room_id BIGINT NOT NULL REFERENCES room (id),
    read_at TIMESTAMP NOT NULL,
    -- As read.
    temperature TEXT,
    humidity TEXT,
    -- Name of the sensor; empty: a person read it.
    sensor TEXT NOT NULL,
    remark TEXT NOT NULL,
    -- Empty: from a file, on the command line.
    person_id BIGINT REFERENCES person (id),
    at TIMESTAMP NOT NULL,
    UNIQUE (room_id, read_at, sensor)
);
CREATE TRIGGER room_reading_no_update BEFORE UPDATE ON room_reading
BEGIN SELECT RAISE(ABORT, 'room_reading is append-only'); END;
CREATE TRIGGER room_reading_no_delete BEFORE DELETE ON room_reading
BEGIN SELECT RAISE(ABORT, 'room_reading is append-only'); END;
