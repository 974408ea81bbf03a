-- Temperature and humidity of rooms, fridges and incubators (quality.md Q63-1): their limits, and every reading.
CREATE TABLE room (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    version BIGINT NOT NULL,
    code TEXT COLLATE "C" NOT NULL UNIQUE,
    name TEXT COLLATE "C" NOT NULL,
    -- Exact decimals: degrees Celsius, per cent relative humidity; empty: no limit.
    temperature_least TEXT COLLATE "C",
    temperature_most TEXT COLLATE "C",
    humidity_least TEXT COLLATE "C",
    humidity_most TEXT COLLATE "C",
    -- Method standards that demand the limits, separated by `;`; `*`: every method.
    methods TEXT COLLATE "C" NOT NULL,
    -- Codes of the instruments that stand in it, separated by `;`.
    instruments TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE TABLE room_reading (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    room_id BIGINT NOT NULL REFERENCES room (id),
    read_at TIMESTAMP NOT NULL,
    -- As read.
    temperature TEXT COLLATE "C",
    humidity TEXT COLLATE "C",
    -- Name of the sensor; empty: a person read it.
    sensor TEXT COLLATE "C" NOT NULL,
    remark TEXT COLLATE "C" NOT NULL,
    -- Empty: from a file, on the command line.
    person_id BIGINT REFERENCES person (id),
    at TIMESTAMP NOT NULL,
    UNIQUE (room_id, read_at, sensor)
);
CREATE TRIGGER room_reading_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON room_reading
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
