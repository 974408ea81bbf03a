//! Queries of instruments, their mapped codes and waiting cells, nothing else.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::schema::{capture_target, code_mapping, instrument};
use crate::db::{Conn, cols, each};
use crate::domain::clock::Moment;
use crate::domain::ids::{InstrumentId, PersonId, PositionId};

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = instrument)]
pub struct InstrumentRow {
    pub id: InstrumentId,
    pub version: i64,
    pub code: String,
    pub name: String,
    pub maker: String,
    pub model: String,
    pub serial_no: String,
    pub profile: String,
    pub status: String,
    pub calibrated_until: Option<NaiveDate>,
    pub minimum_weight_g: Option<String>,
    pub software: String,
    pub location: String,
    pub manual: String,
}

#[derive(AsChangeset, Clone, Debug)]
#[diesel(table_name = instrument, treat_none_as_null = true)]
pub struct InstrumentFacts {
    pub code: String,
    pub name: String,
    pub maker: String,
    pub model: String,
    pub serial_no: String,
    pub profile: String,
    pub status: String,
    pub calibrated_until: Option<NaiveDate>,
    pub minimum_weight_g: Option<String>,
    pub software: String,
    pub location: String,
    pub manual: String,
}

pub fn instruments(conn: &mut Conn) -> QueryResult<Vec<InstrumentRow>> {
    instrument::table.order(instrument::code).select(cols::<InstrumentRow>()).load(conn)
}

pub fn instrument(conn: &mut Conn, id: InstrumentId) -> QueryResult<Option<InstrumentRow>> {
    instrument::table.find(id.0).select(cols::<InstrumentRow>()).first(conn).optional()
}

pub fn instrument_by_code(conn: &mut Conn, code: &str) -> QueryResult<Option<InstrumentRow>> {
    instrument::table.filter(instrument::code.eq(code)).select(cols::<InstrumentRow>()).first(conn).optional()
}

/// What is added, and the methods that it may be used for where it is limited.
pub type Added<'a> = (&'a InstrumentFacts, &'a str);

/// An instrument that is added.
#[derive(Insertable)]
#[diesel(table_name = instrument, treat_none_as_default_value = false)]
struct NewInstrument<'a> {
    version: i64,
    code: &'a str,
    name: &'a str,
    maker: &'a str,
    model: &'a str,
    serial_no: &'a str,
    profile: &'a str,
    status: &'a str,
    calibrated_until: Option<NaiveDate>,
    minimum_weight_g: Option<&'a str>,
    software: &'a str,
    location: &'a str,
    manual: &'a str,
    created_at: Moment,
    allowed_methods: &'a str,
}

impl<'a> NewInstrument<'a> {
    fn of((facts, allowed_methods): Added<'a>, now: Moment) -> Self {
        Self {
            version: 1,
            code: &facts.code,
            name: &facts.name,
            maker: &facts.maker,
            model: &facts.model,
            serial_no: &facts.serial_no,
            profile: &facts.profile,
            status: &facts.status,
            calibrated_until: facts.calibrated_until,
            minimum_weight_g: facts.minimum_weight_g.as_deref(),
            software: &facts.software,
            location: &facts.location,
            manual: &facts.manual,
            created_at: now,
            allowed_methods,
        }
    }
}

/// Rows of one statement: fifteen values each, of the 32,766 that SQLite takes.
const ROWS_OF_A_STATEMENT: usize = 1_000;

/// Stores instruments; their codes and ids, in no particular order.
pub fn insert_instruments(
    conn: &mut Conn,
    added: &[Added<'_>],
    now: Moment,
) -> QueryResult<Vec<(String, InstrumentId)>> {
    let rows: Vec<NewInstrument> = added.iter().map(|one| NewInstrument::of(*one, now)).collect();
    let mut stored = Vec::new();
    for rows in rows.chunks(ROWS_OF_A_STATEMENT) {
        let ids: Vec<(String, InstrumentId)> = each!(conn, c => diesel::insert_into(instrument::table)
            .values(rows)
            .returning((instrument::code, instrument::id))
            .get_results(c))?;
        stored.extend(ids);
    }
    Ok(stored)
}

pub fn change_instrument(conn: &mut Conn, id: InstrumentId, seen: i64, facts: &InstrumentFacts) -> QueryResult<bool> {
    let changed = diesel::update(instrument::table.filter(instrument::id.eq(id)).filter(instrument::version.eq(seen)))
        .set((facts, instrument::version.eq(seen + 1)))
        .execute(conn)?;
    Ok(changed == 1)
}

/// Kind, source, target.
pub type Mapping = (String, String, String);

/// Mapped codes of an instrument.
pub fn mappings(conn: &mut Conn, of: InstrumentId) -> QueryResult<Vec<Mapping>> {
    code_mapping::table
        .filter(code_mapping::instrument_id.eq(of))
        .order((code_mapping::kind, code_mapping::source))
        .select((code_mapping::kind, code_mapping::source, code_mapping::target))
        .load(conn)
}

/// A name that an instrument has for an analyte.
#[derive(Queryable, Clone, Debug)]
pub struct TestCode {
    pub instrument: InstrumentId,
    /// `analyte`: as it is printed; `test`: as it is ordered.
    pub kind: String,
    pub source: String,
    /// Key of the analyte.
    pub target: String,
}

/// Names that instruments have for analytes, in the order in which they were mapped.
pub fn test_codes(conn: &mut Conn, of: &[InstrumentId]) -> QueryResult<Vec<TestCode>> {
    code_mapping::table
        .filter(code_mapping::instrument_id.eq_any(of.iter().map(|id| id.0)))
        .filter(code_mapping::kind.eq_any(["analyte", "test"]))
        .order((code_mapping::mapped_at, code_mapping::id))
        .select((code_mapping::instrument_id, code_mapping::kind, code_mapping::source, code_mapping::target))
        .load(conn)
}

/// Maps a code; the same code again gets the new target.
pub fn set_mapping(
    conn: &mut Conn,
    of: InstrumentId,
    kind: &str,
    source: &str,
    target: &str,
    by: PersonId,
    now: Moment,
) -> QueryResult<()> {
    let row = (
        code_mapping::instrument_id.eq(of),
        code_mapping::kind.eq(kind),
        code_mapping::source.eq(source),
        code_mapping::target.eq(target),
        code_mapping::mapped_by.eq(by),
        code_mapping::mapped_at.eq(now),
    );
    each!(conn, c => diesel::insert_into(code_mapping::table)
        .values(&row)
        .on_conflict((code_mapping::instrument_id, code_mapping::kind, code_mapping::source))
        .do_update()
        .set((
            code_mapping::target.eq(target),
            code_mapping::mapped_by.eq(by),
            code_mapping::mapped_at.eq(now),
        ))
        .execute(c))?;
    Ok(())
}

/// The cell that waits for the next reading of a balance (position, field, replicate), and since when.
pub fn capture_target(conn: &mut Conn, of: InstrumentId) -> QueryResult<Option<(PositionId, String, i64, Moment)>> {
    capture_target::table
        .find(of.0)
        .select((capture_target::position_id, capture_target::field, capture_target::replicate, capture_target::set_at))
        .first(conn)
        .optional()
}

/// A cell that waits for the next reading of an instrument.
#[derive(Queryable, Clone, Debug)]
pub struct Aimed {
    /// Code of the instrument.
    pub instrument: String,
    pub position: PositionId,
    pub field: String,
    pub replicate: i64,
}

/// The waiting cells among these positions.
pub fn aimed(conn: &mut Conn, positions: &[PositionId]) -> QueryResult<Vec<Aimed>> {
    capture_target::table
        .inner_join(instrument::table.on(capture_target::instrument_id.eq(instrument::id)))
        .filter(capture_target::position_id.eq_any(positions.iter().map(|id| id.0)))
        .order(instrument::code)
        .select((instrument::code, capture_target::position_id, capture_target::field, capture_target::replicate))
        .load(conn)
}

pub fn clear_capture_target(conn: &mut Conn, of: InstrumentId) -> QueryResult<()> {
    diesel::delete(capture_target::table.find(of.0)).execute(conn)?;
    Ok(())
}

pub fn set_capture_target(
    conn: &mut Conn,
    of: InstrumentId,
    (position, field, replicate): (PositionId, &str, i64),
    by: PersonId,
    now: Moment,
) -> QueryResult<()> {
    let row = (
        capture_target::instrument_id.eq(of),
        capture_target::position_id.eq(position),
        capture_target::field.eq(field),
        capture_target::replicate.eq(replicate),
        capture_target::person_id.eq(by),
        capture_target::set_at.eq(now),
    );
    each!(conn, c => diesel::insert_into(capture_target::table)
        .values(&row)
        .on_conflict(capture_target::instrument_id)
        .do_update()
        .set((
            capture_target::position_id.eq(position),
            capture_target::field.eq(field),
            capture_target::replicate.eq(replicate),
            capture_target::person_id.eq(by),
            capture_target::set_at.eq(now),
        ))
        .execute(c))?;
    Ok(())
}
