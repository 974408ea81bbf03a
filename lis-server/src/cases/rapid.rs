//! Rapid tests of farm produce (快检记录, `records.md` 7). Whom one concerns may ask for a re-test within four clock hours of the
//! result (T21, FSL 88 and APL 51). It is a sample of its own, of the kind that confirms a rapid test, and no rapid method tests
//! it (`testing/planning.rs`). What was found may be sent to the laboratory also where nobody disputes it.

use std::collections::HashMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::clocks::{T21, ends_at};
use super::state::RapidVerdict;
use super::store::{self, NewRapid, RapidRow};
use super::{
    ACT_IN_FUTURE, ACT_TOO_EARLY, RAPID_ASKED, RAPID_LATE, RAPID_NEGATIVE, RAPID_OTHER_SAMPLE, RAPID_RETESTED, calls,
};
use crate::accounts::actions::names_of;
use crate::accounts::role::FillSamplingForms;
use crate::accounts::{Actor, May};
use crate::audit::personal::Sealer;
use crate::db::{Conn, Tx};
use crate::domain::clock::Moment;
use crate::domain::deadline::percent_of_hours;
use crate::domain::ids::{PersonId, SampleId};
use crate::domain::input::Checker;
use crate::domain::refusal::{
    FIELD_INVALID, FIELD_MISSING, Fault, NOT_FOUND, Outcome, Reasons, Refusal, STALE_VERSION,
};
use crate::samples::SampleType;

/// Longest texts, in characters.
const NAME_MOST: usize = 120;
const SHORT_MOST: usize = 40;
const GROUND_MOST: usize = 500;
const HANDLING_MOST: usize = 500;
/// Times are noted to the minute.
const MINUTE_MS: i64 = 60_000;

/// A rapid test as a page or a program gives it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RapidInput {
    /// Where it was tested: the market, its address.
    pub place: String,
    /// The stall, or whoever sells or grows the produce.
    pub unit_name: String,
    pub product: String,
    /// What was looked for.
    pub item: String,
    pub kit: String,
    pub kit_lot: String,
    pub kit_expires_on: String,
    /// Number of the reader; empty: read by eye.
    pub reader: String,
    /// May be empty: a card shows a line and no number.
    pub reading: String,
    /// `negative`, `positive` or `suspect`.
    pub verdict: String,
    /// What a repeat gave, likewise; empty: not repeated.
    pub repeat_reading: String,
    pub repeat_verdict: String,
    /// Who tested; empty: whoever records it.
    pub tested_by: String,
    pub tested_at: String,
    /// When the operator had the result: T21 runs from then.
    pub told_at: String,
    /// What became of the goods; may be said later.
    pub handling: String,
}

#[derive(Clone, Debug)]
pub struct RapidFacts {
    place: String,
    unit_name: String,
    product: String,
    item: String,
    kit: String,
    kit_lot: String,
    kit_expires_on: NaiveDate,
    reader: String,
    reading: String,
    verdict: RapidVerdict,
    repeat_reading: String,
    repeat_verdict: Option<RapidVerdict>,
    tested_by: String,
    tested_at: Moment,
    told_at: Moment,
    handling: String,
}

impl RapidInput {
    /// # Errors
    /// Every field that is wrong, by name; a kit past its last day; the reading of a repeat without its result.
    pub fn checked(&self) -> Result<RapidFacts, Refusal> {
        let mut check = Checker::new();
        let place = check.text("place", &self.place, NAME_MOST);
        let unit_name = check.text("unit_name", &self.unit_name, NAME_MOST);
        let product = check.text("product", &self.product, NAME_MOST);
        let item = check.text("item", &self.item, NAME_MOST);
        let kit = check.text("kit", &self.kit, NAME_MOST);
        let kit_lot = check.text("kit_lot", &self.kit_lot, SHORT_MOST);
        let expires = check.date("kit_expires_on", &self.kit_expires_on);
        let reader = check.optional_text("reader", &self.reader, SHORT_MOST);
        let reading = check.optional_text("reading", &self.reading, SHORT_MOST);
        let verdict = check.parsed("verdict", &self.verdict, "expected-rapid-verdict", RapidVerdict::parse);
        let repeat_reading = check.optional_text("repeat_reading", &self.repeat_reading, SHORT_MOST);
        let again = &self.repeat_verdict;
        let repeat_verdict = check.optional("repeat_verdict", again, "expected-rapid-verdict", RapidVerdict::parse);
        let bare = !repeat_reading.is_empty() && again.trim().is_empty();
        check.add_if(bare, || FIELD_MISSING.at("repeat_verdict"));
        let tested_by = check.optional_text("tested_by", &self.tested_by, SHORT_MOST);
        let tested_at = check.moment("tested_at", &self.tested_at);
        let told_at = check.moment("told_at", &self.told_at);
        let handling = check.optional_lines("handling", &self.handling, HANDLING_MOST);
        if let Some((expires, tested)) = expires.zip(tested_at) {
            check.add_if(expires < tested.date_in_china(), || {
                FIELD_INVALID.at("kit_expires_on").with_word("expected", "expected-kit-in-date")
            });
        }
        let times = expires.zip(verdict).zip(tested_at.zip(told_at));
        check.done(times.map(|((kit_expires_on, verdict), (tested_at, told_at))| RapidFacts {
            place,
            unit_name,
            product,
            item,
            kit,
            kit_lot,
            kit_expires_on,
            reader,
            reading,
            verdict,
            repeat_reading,
            repeat_verdict,
            tested_by,
            tested_at,
            told_at,
            handling,
        }))
    }
}

/// That the operator asks for a re-test.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AskInput {
    pub asked_at: String,
    pub ground: String,
}

#[derive(Clone, Debug)]
pub struct AskFacts {
    asked_at: Moment,
    ground: String,
}

impl AskInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<AskFacts, Refusal> {
        let mut check = Checker::new();
        let asked_at = check.moment("asked_at", &self.asked_at);
        let ground = check.text("ground", &self.ground, GROUND_MOST);
        check.done(asked_at.map(|asked_at| AskFacts { asked_at, ground }))
    }
}

/// Which sample is tested again.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RetestInput {
    /// Its own number, or that of its form.
    pub number: String,
}

/// What became of the goods.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RapidHandlingInput {
    /// In words, without names: taken off sale, destroyed, sold on.
    pub handling: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RapidSaved {
    pub id: i64,
    pub version: i64,
}

/// A rapid test as it is shown.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct RapidTest {
    pub id: i64,
    pub version: i64,
    /// Empty in records from before it was asked for.
    pub place: String,
    pub unit_name: String,
    pub product: String,
    pub item: String,
    pub kit: String,
    pub kit_lot: String,
    #[schema(value_type = String, format = Date)]
    pub kit_expires_on: NaiveDate,
    pub reader: String,
    pub reading: String,
    /// `negative`, `positive` or `suspect`.
    pub verdict: String,
    pub repeat_reading: String,
    /// Likewise; empty: not repeated.
    pub repeat_verdict: String,
    pub tested_by: String,
    #[schema(value_type = String, format = DateTime)]
    pub tested_at: Moment,
    #[schema(value_type = String, format = DateTime)]
    pub told_at: Moment,
    /// Until when a re-test may be asked for.
    #[schema(value_type = String, format = DateTime)]
    pub due_at: Moment,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub asked_at: Option<Moment>,
    pub ground: String,
    /// Number of the sample that is tested again, or of its form before it has one.
    pub retest: Option<String>,
    pub handling: String,
    /// The ids of its pictures.
    pub pictures: Vec<i64>,
    /// When its personal words were erased.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub erased_at: Option<Moment>,
    /// The share of T21 that is gone, or was when a re-test was asked for.
    pub percent: u32,
}

/// Records a rapid test; T21 runs from the receipt of its result.
///
/// # Errors
/// A time in the future, a result that was told before the test.
pub fn record(tx: &mut Tx, by: &May<FillSamplingForms>, facts: &RapidFacts) -> Outcome<RapidSaved> {
    let mut reasons = Reasons::new();
    reasons.add_if(facts.tested_at > tx.now, || ACT_IN_FUTURE.at("tested_at"));
    reasons.add_if(facts.told_at > tx.now, || ACT_IN_FUTURE.at("told_at"));
    reasons.add_if(is_before(facts.told_at, facts.tested_at), || {
        ACT_TOO_EARLY.with("since", facts.tested_at).at("told_at")
    });
    reasons.none()?;
    let due_at = ends_at(T21, facts.told_at).ok_or_else(|| Fault::broken("T21 counts no hours"))?;
    let row = NewRapid {
        version: 1,
        place: &facts.place,
        unit_name: &facts.unit_name,
        product: &facts.product,
        item: &facts.item,
        kit: &facts.kit,
        kit_lot: &facts.kit_lot,
        kit_expires_on: facts.kit_expires_on,
        reader: &facts.reader,
        reading: &facts.reading,
        verdict: facts.verdict.code(),
        repeat_reading: &facts.repeat_reading,
        repeat_verdict: facts.repeat_verdict.map_or("", |verdict| verdict.code()),
        tested_by: &facts.tested_by,
        tested_at: facts.tested_at,
        told_at: facts.told_at,
        due_at,
        ground: "",
        handling: &facts.handling,
        person_id: by.person,
        at: tx.now,
    };
    let id = store::insert_rapid(tx.conn, &row)?;
    tx.log(
        by.entry("rapid_test", id, 1, "rapid-test-recorded")
            .set("product", facts.product.as_str())
            .set("item", facts.item.as_str())
            .set("verdict", facts.verdict.code())
            .set("repeat_verdict", row.repeat_verdict)
            .set("told_at", facts.told_at.rfc3339())
            .set("handling", facts.handling.as_str()),
    );
    Ok(RapidSaved { id, version: 1 })
}

/// The operator asks for a re-test.
///
/// # Errors
/// Every reason at once: `rapid-test-negative`, `rapid-test-asked`, `rapid-test-late`; a time in the future, or before the
/// result was told.
pub fn ask(tx: &mut Tx, by: &May<FillSamplingForms>, id: i64, seen: i64, facts: &AskFacts) -> Outcome<RapidSaved> {
    let row = store::rapid(tx.conn, id)?.ok_or(NOT_FOUND)?;
    let mut reasons = Reasons::new();
    reasons.add_if(row.verdict == RapidVerdict::Negative.code(), || RAPID_NEGATIVE.reason());
    reasons.add_if(row.asked_at.is_some(), || RAPID_ASKED.reason());
    reasons.add_if(facts.asked_at > tx.now, || ACT_IN_FUTURE.at("asked_at"));
    reasons.add_if(is_before(facts.asked_at, row.told_at), || ACT_TOO_EARLY.with("since", row.told_at).at("asked_at"));
    reasons.add_if(facts.asked_at > row.due_at, || RAPID_LATE.with("due", row.due_at).at("asked_at"));
    reasons.none()?;
    if !store::ask_retest(tx.conn, id, seen, &facts.ground, facts.asked_at)? {
        return Err(STALE_VERSION.with("version", row.version).into());
    }
    // What somebody says of himself is his own: the log keeps it under a key that can be destroyed.
    let sealer = Sealer::create(tx, &subject(id))?;
    tx.log(
        by.entry("rapid_test", id, seen + 1, "rapid-test-asked")
            .set("asked_at", facts.asked_at.rfc3339())
            .set("ground", sealer.seal(&facts.ground)),
    );
    Ok(RapidSaved { id, version: seen + 1 })
}

/// Whose key seals what is personal about a rapid test: an application is made once.
fn subject(id: i64) -> String {
    format!("rapid_test:{id}")
}

/// Names the sample that is tested again, because that was asked for or because something was found.
///
/// # Errors
/// `rapid-test-negative`, `rapid-test-retested`; `rapid-test-other-sample`: its form does not confirm a rapid test.
pub fn retest(
    tx: &mut Tx,
    by: &May<FillSamplingForms>,
    id: i64,
    seen: i64,
    input: &RetestInput,
) -> Outcome<RapidSaved> {
    let mut check = Checker::new();
    let number = check.text("number", &input.number, SHORT_MOST);
    let number = check.done(Some(number))?;
    let row = store::rapid(tx.conn, id)?.ok_or(NOT_FOUND)?;
    if row.version != seen {
        return Err(STALE_VERSION.with("version", row.version).into());
    }
    let (retest, kind) = store::retest_by_number(tx.conn, &number)?.ok_or(NOT_FOUND.at("number"))?;
    let mut reasons = Reasons::new();
    reasons.add_if(row.verdict == RapidVerdict::Negative.code(), || RAPID_NEGATIVE.reason());
    reasons.add_if(row.retest_id.is_some(), || RAPID_RETESTED.reason());
    reasons.add_if(kind != SampleType::RapidTest.code(), || RAPID_OTHER_SAMPLE.at("number"));
    reasons.none()?;
    if !store::set_retest(tx.conn, id, seen, retest)? {
        return Err(STALE_VERSION.with("version", row.version).into());
    }
    tx.log(by.entry("rapid_test", id, seen + 1, "rapid-test-retested").set("sample", retest.0));
    Ok(RapidSaved { id, version: seen + 1 })
}

/// Says what became of the goods, or says it anew.
pub fn handle(
    tx: &mut Tx,
    by: &May<FillSamplingForms>,
    id: i64,
    seen: i64,
    input: &RapidHandlingInput,
) -> Outcome<RapidSaved> {
    let mut check = Checker::new();
    let handling = check.optional_lines("handling", &input.handling, HANDLING_MOST);
    check.add_if(input.handling.trim().is_empty(), || FIELD_MISSING.at("handling"));
    let handling = check.done(Some(handling))?;
    let row = store::rapid(tx.conn, id)?.ok_or(NOT_FOUND)?;
    if !store::set_handling(tx.conn, id, seen, &handling)? {
        return Err(STALE_VERSION.with("version", row.version).into());
    }
    tx.log(by.entry("rapid_test", id, seen + 1, "rapid-test-handled").change("handling", row.handling, handling));
    Ok(RapidSaved { id, version: seen + 1 })
}

fn is_before(at: Moment, since: Moment) -> bool {
    at.millis() < since.millis().div_euclid(MINUTE_MS) * MINUTE_MS
}

/// The newest rapid tests before an id, with the numbers of their re-tests and their pictures; those alone that wait for the
/// sample of their re-test, if `waiting`. Every sampler sees all of them: the hours of T21 do not wait for whoever recorded
/// the test. Four statements.
pub fn listed(conn: &mut Conn, now: Moment, waiting: bool, before: i64, limit: i64) -> Outcome<Vec<RapidTest>> {
    let rows = store::rapids(conn, waiting, before, limit)?;
    let retests: Vec<SampleId> = rows.iter().filter_map(|row| row.retest_id).collect();
    let samples = calls::samples(conn, &retests)?;
    let number = |id: SampleId| {
        let found = samples.iter().find(|sample| sample.id == id);
        found.map(|sample| sample.sample_no.clone().unwrap_or_else(|| sample.form_no.clone()))
    };
    let people: Vec<PersonId> = rows.iter().map(|row| row.person_id).collect();
    let names = names_of(conn, &people)?;
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let mut pictures: HashMap<i64, Vec<i64>> = HashMap::new();
    for (of, picture) in store::rapid_pictures(conn, &ids)? {
        pictures.entry(of).or_default().push(picture);
    }
    let shown = |row: RapidRow| {
        let own = names.get(&row.person_id).cloned().unwrap_or_default();
        RapidTest {
            percent: percent_of_hours(row.told_at, row.due_at, row.asked_at.unwrap_or(now)),
            retest: row.retest_id.and_then(number),
            pictures: pictures.remove(&row.id).unwrap_or_default(),
            tested_by: if row.tested_by.is_empty() { own } else { row.tested_by },
            id: row.id,
            version: row.version,
            place: row.place,
            unit_name: row.unit_name,
            product: row.product,
            item: row.item,
            kit: row.kit,
            kit_lot: row.kit_lot,
            kit_expires_on: row.kit_expires_on,
            reader: row.reader,
            reading: row.reading,
            verdict: row.verdict,
            repeat_reading: row.repeat_reading,
            repeat_verdict: row.repeat_verdict,
            tested_at: row.tested_at,
            told_at: row.told_at,
            due_at: row.due_at,
            asked_at: row.asked_at,
            ground: row.ground,
            handling: row.handling,
            erased_at: row.erased_at,
        }
    };
    Ok(rows.into_iter().map(shown).collect())
}

/// What the sampling form of a re-test knows from the rapid test.
pub struct RetestKnown {
    pub place: String,
    pub unit_name: String,
    pub product: String,
}

/// The same of one.
///
/// # Errors
/// `not-found`.
pub fn known_of(conn: &mut Conn, _: &May<FillSamplingForms>, id: i64) -> Outcome<RetestKnown> {
    let row = store::rapid(conn, id)?.ok_or(NOT_FOUND)?;
    let unit_name = if row.erased_at.is_some() { String::new() } else { row.unit_name };
    Ok(RetestKnown { place: row.place, unit_name, product: row.product })
}

/// Re-tests that were asked for and have no sample yet.
pub fn count_asked(conn: &mut Conn, _: &Actor) -> Outcome<i64> {
    Ok(store::count_rapids_asked(conn)?)
}
