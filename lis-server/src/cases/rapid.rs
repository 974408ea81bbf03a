//! Rapid tests of farm produce (快检记录, `records.md` 7). Whom one concerns may ask for a re-test within four clock hours of the
//! result (T21, FSL 88 and APL 51). It is a sample of its own, of the kind that confirms a rapid test, and no rapid method tests
//! it (`testing/planning.rs`).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::clocks::{T21, ends_at};
use super::state::RapidVerdict;
use super::store::{self, NewRapid, RapidRow};
use super::{
    ACT_IN_FUTURE, ACT_TOO_EARLY, RAPID_ASKED, RAPID_LATE, RAPID_NEGATIVE, RAPID_NOT_ASKED, RAPID_OTHER_SAMPLE,
    RAPID_RETESTED, calls,
};
use crate::accounts::role::FillSamplingForms;
use crate::accounts::{Actor, May};
use crate::db::{Conn, Tx};
use crate::domain::clock::Moment;
use crate::domain::deadline::percent_of_hours;
use crate::domain::ids::SampleId;
use crate::domain::input::Checker;
use crate::domain::refusal::{FIELD_INVALID, Fault, NOT_FOUND, Outcome, Reasons, Refusal, STALE_VERSION};
use crate::samples::SampleType;

/// Longest texts, in characters.
const NAME_MOST: usize = 120;
const SHORT_MOST: usize = 40;
const GROUND_MOST: usize = 500;
/// Rapid tests that a list shows.
const SHOWN_MOST: i64 = 100;
/// Times are noted to the minute.
const MINUTE_MS: i64 = 60_000;

/// A rapid test as a page or a program gives it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RapidInput {
    /// Market and stall, or whoever sells or grows the produce.
    pub unit_name: String,
    pub product: String,
    /// What was looked for.
    pub item: String,
    pub kit: String,
    pub kit_lot: String,
    pub kit_expires_on: String,
    /// May be empty: a card shows a line and no number.
    pub reading: String,
    /// `negative`, `positive` or `suspect`.
    pub verdict: String,
    pub tested_at: String,
    /// When the operator had the result: T21 runs from then.
    pub told_at: String,
}

#[derive(Clone, Debug)]
pub struct RapidFacts {
    unit_name: String,
    product: String,
    item: String,
    kit: String,
    kit_lot: String,
    kit_expires_on: NaiveDate,
    reading: String,
    verdict: RapidVerdict,
    tested_at: Moment,
    told_at: Moment,
}

impl RapidInput {
    /// # Errors
    /// Every field that is wrong, by name; a kit past its last day.
    pub fn checked(&self) -> Result<RapidFacts, Refusal> {
        let mut check = Checker::new();
        let unit_name = check.text("unit_name", &self.unit_name, NAME_MOST);
        let product = check.text("product", &self.product, NAME_MOST);
        let item = check.text("item", &self.item, NAME_MOST);
        let kit = check.text("kit", &self.kit, NAME_MOST);
        let kit_lot = check.text("kit_lot", &self.kit_lot, SHORT_MOST);
        let expires = check.date("kit_expires_on", &self.kit_expires_on);
        let reading = check.optional_text("reading", &self.reading, SHORT_MOST);
        let verdict = check.parsed("verdict", &self.verdict, "expected-rapid-verdict", RapidVerdict::parse);
        let tested_at = check.moment("tested_at", &self.tested_at);
        let told_at = check.moment("told_at", &self.told_at);
        if let Some((expires, tested)) = expires.zip(tested_at) {
            check.add_if(expires < tested.date_in_china(), || {
                FIELD_INVALID.at("kit_expires_on").with_word("expected", "expected-kit-in-date")
            });
        }
        let times = expires.zip(verdict).zip(tested_at.zip(told_at));
        check.done(times.map(|((kit_expires_on, verdict), (tested_at, told_at))| RapidFacts {
            unit_name,
            product,
            item,
            kit,
            kit_lot,
            kit_expires_on,
            reading,
            verdict,
            tested_at,
            told_at,
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
    pub unit_name: String,
    pub product: String,
    pub item: String,
    pub kit: String,
    pub kit_lot: String,
    #[schema(value_type = String, format = Date)]
    pub kit_expires_on: NaiveDate,
    pub reading: String,
    /// `negative`, `positive` or `suspect`.
    pub verdict: String,
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
        unit_name: &facts.unit_name,
        product: &facts.product,
        item: &facts.item,
        kit: &facts.kit,
        kit_lot: &facts.kit_lot,
        kit_expires_on: facts.kit_expires_on,
        reading: &facts.reading,
        verdict: facts.verdict.code(),
        tested_at: facts.tested_at,
        told_at: facts.told_at,
        due_at,
        ground: "",
        person_id: by.person,
        at: tx.now,
    };
    let id = store::insert_rapid(tx.conn, &row)?;
    tx.log(
        by.entry("rapid_test", id, 1, "rapid-test-recorded")
            .set("product", facts.product.as_str())
            .set("item", facts.item.as_str())
            .set("verdict", facts.verdict.code())
            .set("told_at", facts.told_at.rfc3339()),
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
    tx.log(
        by.entry("rapid_test", id, seen + 1, "rapid-test-asked")
            .set("asked_at", facts.asked_at.rfc3339())
            .set("ground", facts.ground.as_str()),
    );
    Ok(RapidSaved { id, version: seen + 1 })
}

/// Names the sample that is tested again.
///
/// # Errors
/// `rapid-test-not-asked`, `rapid-test-retested`; `rapid-test-other-sample`: its form does not confirm a rapid test.
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
    let (retest, kind) = store::retest_by_number(tx.conn, &number)?.ok_or(NOT_FOUND.at("number"))?;
    let mut reasons = Reasons::new();
    reasons.add_if(row.asked_at.is_none(), || RAPID_NOT_ASKED.reason());
    reasons.add_if(row.retest_id.is_some(), || RAPID_RETESTED.reason());
    reasons.add_if(kind != SampleType::RapidTest.code(), || RAPID_OTHER_SAMPLE.at("number"));
    reasons.none()?;
    if !store::set_retest(tx.conn, id, seen, retest)? {
        return Err(STALE_VERSION.with("version", row.version).into());
    }
    tx.log(by.entry("rapid_test", id, seen + 1, "rapid-test-retested").set("sample", retest.0));
    Ok(RapidSaved { id, version: seen + 1 })
}

fn is_before(at: Moment, since: Moment) -> bool {
    at.millis() < since.millis().div_euclid(MINUTE_MS) * MINUTE_MS
}

/// The newest rapid tests with the numbers of their re-tests. Two statements.
pub fn listed(conn: &mut Conn, now: Moment) -> Outcome<Vec<RapidTest>> {
    let rows = store::rapids(conn, SHOWN_MOST)?;
    let retests: Vec<SampleId> = rows.iter().filter_map(|row| row.retest_id).collect();
    let samples = calls::samples(conn, &retests)?;
    let number = |id: SampleId| {
        let found = samples.iter().find(|sample| sample.id == id);
        found.map(|sample| sample.sample_no.clone().unwrap_or_else(|| sample.form_no.clone()))
    };
    let shown = |row: RapidRow| RapidTest {
        percent: percent_of_hours(row.told_at, row.due_at, row.asked_at.unwrap_or(now)),
        retest: row.retest_id.and_then(number),
        id: row.id,
        version: row.version,
        unit_name: row.unit_name,
        product: row.product,
        item: row.item,
        kit: row.kit,
        kit_lot: row.kit_lot,
        kit_expires_on: row.kit_expires_on,
        reading: row.reading,
        verdict: row.verdict,
        tested_at: row.tested_at,
        told_at: row.told_at,
        due_at: row.due_at,
        asked_at: row.asked_at,
        ground: row.ground,
    };
    Ok(rows.into_iter().map(shown).collect())
}

/// Re-tests that were asked for and have no sample yet.
pub fn count_asked(conn: &mut Conn, _: &Actor) -> Outcome<i64> {
    Ok(store::count_rapids_asked(conn)?)
}
