//! Lots as they come in, are prepared and are opened; and what the gate says of a lot in use.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::store::{self, LotRow, NewLot, NewParent};
use super::{LOT_CODE_TAKEN, LOT_DATES, LOT_EXPIRED, LOT_OPENED, LOT_OUTLIVES_PARENT, LOT_UNKNOWN};
use crate::accounts::role::KeepLots;
use crate::accounts::{Actor, May};
use crate::audit::Entry;
use crate::db::{Conn, Tx};
use crate::domain::clock::Moment;
use crate::domain::decimal::Decimal;
use crate::domain::ids::LotId;
use crate::domain::input::Checker;
use crate::domain::refusal::{Fault, NOT_FOUND, Outcome, Reason, Reasons, Refusal, STALE_VERSION};

/// What a lot is of.
pub const KINDS: &[&str] = &["reference_material", "standard", "reagent", "medium", SOLUTION];
/// Made in the laboratory from other lots.
pub(super) const SOLUTION: &str = "solution";
/// Against these something is measured: each leads to a certified value.
pub(super) const MATERIALS: &[&str] = &["reference_material", "standard", SOLUTION];

/// Longest texts, in characters.
const CODE_MOST: usize = 40;
const NAME_MOST: usize = 100;
const UNIT_MOST: usize = 20;
const PARENTS_MOST: usize = 500;
const PURITY_MOST: usize = 40;

/// A lot as a form, a program or a spreadsheet describes it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LotInput {
    /// The laboratory's own number, on the bottle.
    pub code: String,
    /// reference_material, standard, reagent, medium, solution
    pub kind: String,
    pub name: String,
    /// The maker's number.
    pub lot_no: String,
    pub supplier: String,
    pub certificate_no: String,
    /// An exact decimal; empty: none.
    pub concentration: String,
    pub unit: String,
    /// Day on which it came, or of a solution was prepared.
    pub received_on: String,
    pub opened_on: String,
    /// Last day of use.
    pub expires_on: String,
    /// Who prepared a solution.
    pub prepared_by: String,
    /// Codes of the lots that a solution was made of, separated by `;`.
    pub parents: String,
    /// As the certificate prints it: `99.5 %`.
    pub purity: String,
    /// Where and how it is kept: `2~8 °C`.
    pub storage: String,
}

/// The same, checked.
#[derive(Clone, Debug)]
pub struct LotFacts {
    pub code: String,
    kind: &'static str,
    name: String,
    lot_no: String,
    supplier: String,
    certificate_no: String,
    concentration: Option<Decimal>,
    unit: String,
    received_on: NaiveDate,
    opened_on: Option<NaiveDate>,
    expires_on: NaiveDate,
    prepared_by: String,
    parents: Vec<String>,
    purity: String,
    storage: String,
}

impl LotInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<LotFacts, Refusal> {
        let mut check = Checker::new();
        let code = check.text("code", &self.code, CODE_MOST);
        let kind = check
            .parsed("kind", &self.kind, "expected-lot-kind", |text| KINDS.iter().copied().find(|kind| *kind == text));
        let is_solution = kind == Some(SOLUTION);
        let name = check.text("name", &self.name, NAME_MOST);
        let lot_no = check.optional_text("lot_no", &self.lot_no, NAME_MOST);
        let supplier = check.optional_text("supplier", &self.supplier, NAME_MOST);
        let certificate_no = check.optional_text("certificate_no", &self.certificate_no, NAME_MOST);
        let concentration = check.optional_decimal("concentration", &self.concentration);
        let unit = check.optional_text("unit", &self.unit, UNIT_MOST);
        let received_on = check.date("received_on", &self.received_on);
        let opened_on = check.optional_date("opened_on", &self.opened_on);
        let expires_on = check.date("expires_on", &self.expires_on);
        if let Some(first) = received_on {
            check.add_if(expires_on.is_some_and(|last| last < first), || LOT_DATES.at("expires_on"));
            check.add_if(opened_on.is_some_and(|opened| opened < first), || LOT_DATES.at("opened_on"));
        }
        let prepared_by = if is_solution {
            check.text("prepared_by", &self.prepared_by, NAME_MOST)
        } else {
            check.optional_text("prepared_by", &self.prepared_by, NAME_MOST)
        };
        let parents = codes_of(&check.optional_text("parents", &self.parents, PARENTS_MOST));
        let purity = check.optional_text("purity", &self.purity, PURITY_MOST);
        let storage = check.optional_text("storage", &self.storage, NAME_MOST);
        let facts = (|| {
            Some(LotFacts {
                code,
                kind: kind?,
                name,
                lot_no,
                supplier,
                certificate_no,
                concentration,
                unit,
                received_on: received_on?,
                opened_on,
                expires_on: expires_on?,
                prepared_by,
                parents,
                purity,
                storage,
            })
        })();
        check.done(facts)
    }
}

/// The codes of a list separated by `;`, each once.
pub fn codes_of(list: &str) -> Vec<String> {
    let mut codes: Vec<String> = Vec::new();
    for code in list.split([';', '；']).map(str::trim).filter(|code| !code.is_empty()) {
        if !codes.iter().any(|known| known == code) {
            codes.push(code.to_owned());
        }
    }
    codes
}

/// What adding or changing a lot answers.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LotSaved {
    pub id: i64,
    pub version: i64,
}

/// Adds a lot.
///
/// # Errors
/// Every reason: a code that is taken, a day to come, parents that are not there, or that expire before what was made of
/// them.
pub fn add_lot(tx: &mut Tx, by: &May<KeepLots>, facts: &LotFacts) -> Outcome<LotSaved> {
    let mut reasons = Reasons::new();
    let added = add_all(tx, by, &[(None, facts)], &mut reasons)?;
    reasons.none()?;
    added.into_iter().next().ok_or_else(|| Fault::broken("a lot was neither added nor refused"))
}

/// Adds lots, each of which may be made of those before it: as many statements for a thousand as for one. What is refused goes
/// to the reasons, each with the row of its file, and then nothing is added.
pub(super) fn add_all(
    tx: &mut Tx,
    by: &Actor,
    lots: &[(Option<u64>, &LotFacts)],
    reasons: &mut Reasons,
) -> Outcome<Vec<LotSaved>> {
    let mut ids = require_possible(tx, lots, reasons)?;
    if !reasons.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<NewLot> = lots.iter().map(|(_, facts)| facts.row(tx.now)).collect();
    ids.extend(store::insert(tx.conn, &rows)?);
    let id_of = |code: &String| ids.get(code).copied().ok_or_else(|| Fault::broken(format!("lot {code} has no id")));
    let (mut parents, mut saved) = (Vec::new(), Vec::new());
    for (_, facts) in lots {
        let id = id_of(&facts.code)?;
        for parent in &facts.parents {
            parents.push(NewParent { lot_id: id, parent_id: id_of(parent)? });
        }
        tx.log(facts.entry(by, id));
        saved.push(LotSaved { id: id.0, version: 1 });
    }
    store::insert_parents(tx.conn, &parents)?;
    Ok(saved)
}

/// Whether lots can be added today, each to those that are there and those before it; the ids of those that are there.
fn require_possible(
    tx: &mut Tx,
    lots: &[(Option<u64>, &LotFacts)],
    reasons: &mut Reasons,
) -> Outcome<HashMap<String, LotId>> {
    let asked: BTreeSet<String> =
        lots.iter().flat_map(|(_, facts)| facts.parents.iter().chain([&facts.code])).cloned().collect();
    let known = store::by_codes(tx.conn, &asked.into_iter().collect::<Vec<String>>())?;
    let mut expiries: HashMap<String, NaiveDate> = known.iter().map(|row| (row.code.clone(), row.expires_on)).collect();
    for (row, facts) in lots {
        for reason in facts.against(&expiries, tx.now.date_in_china()) {
            reasons.add(match row {
                Some(row) => reason.in_row(*row),
                None => reason,
            });
        }
        expiries.entry(facts.code.clone()).or_insert(facts.expires_on);
    }
    Ok(known.into_iter().map(|row| (row.code, row.id)).collect())
}

impl LotFacts {
    /// What stands against adding it to lots whose last days are known.
    fn against(&self, expiries: &HashMap<String, NaiveDate>, today: NaiveDate) -> Vec<Reason> {
        let mut reasons = Vec::new();
        if expiries.contains_key(&self.code) {
            reasons.push(LOT_CODE_TAKEN.with("code", &self.code).at("code"));
        }
        if self.received_on > today {
            reasons.push(LOT_DATES.at("received_on"));
        }
        if self.opened_on.is_some_and(|opened| opened > today) {
            reasons.push(LOT_DATES.at("opened_on"));
        }
        for code in &self.parents {
            match expiries.get(code).filter(|_| *code != self.code) {
                Some(last) if self.expires_on > *last => {
                    let reason = LOT_OUTLIVES_PARENT.with("parent", code).with("date", last);
                    reasons.push(reason.at("expires_on"));
                }
                Some(_) => {}
                None => reasons.push(LOT_UNKNOWN.with("code", code).at("parents")),
            }
        }
        reasons
    }

    fn row(&self, at: Moment) -> NewLot<'_> {
        NewLot {
            version: 1,
            code: &self.code,
            kind: self.kind,
            name: &self.name,
            lot_no: &self.lot_no,
            supplier: &self.supplier,
            certificate_no: &self.certificate_no,
            concentration: self.concentration.as_ref().map(Decimal::as_str),
            unit: &self.unit,
            received_on: self.received_on,
            opened_on: self.opened_on,
            expires_on: self.expires_on,
            prepared_by: &self.prepared_by,
            purity: &self.purity,
            storage: &self.storage,
            created_at: at,
        }
    }

    fn entry(&self, by: &Actor, id: LotId) -> Entry {
        by.entry("lot", id.0, 1, "lot-added")
            .set("code", self.code.as_str())
            .set("kind", self.kind)
            .set("name", self.name.as_str())
            .set("lot_no", self.lot_no.as_str())
            .set("supplier", self.supplier.as_str())
            .set("certificate_no", self.certificate_no.as_str())
            .set("concentration", self.concentration.as_ref().map(Decimal::as_str).unwrap_or_default())
            .set("unit", self.unit.as_str())
            .set("purity", self.purity.as_str())
            .set("storage", self.storage.as_str())
            .set("expires_on", self.expires_on.to_string())
            .set("parents", self.parents.join(";"))
    }
}

/// The day on which a lot is opened.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OpeningInput {
    pub opened_on: String,
}

impl OpeningInput {
    /// # Errors
    /// When the day is missing or none.
    pub fn checked(&self) -> Result<NaiveDate, Refusal> {
        let mut check = Checker::new();
        let opened_on = check.date("opened_on", &self.opened_on);
        check.done(opened_on)
    }
}

/// Says on which day a lot was opened, once.
pub fn open_lot(tx: &mut Tx, by: &May<KeepLots>, id: LotId, seen: i64, on: NaiveDate) -> Outcome<LotSaved> {
    let row = store::by_ids(tx.conn, &[id])?.pop().ok_or(NOT_FOUND)?;
    let stale = || Refusal::from(STALE_VERSION.with("version", row.version));
    if row.version != seen {
        return Err(stale().into());
    }
    if let Some(opened) = row.opened_on {
        return Err(LOT_OPENED.with("code", &row.code).with("date", opened).into());
    }
    if on < row.received_on || on > tx.now.date_in_china() {
        return Err(LOT_DATES.at("opened_on").into());
    }
    if !store::open(tx.conn, id, seen, on)? {
        return Err(stale().into());
    }
    tx.log(by.entry("lot", id.0, seen + 1, "lot-opened").set("opened_on", on.to_string()));
    Ok(LotSaved { id: id.0, version: seen + 1 })
}

/// A lot as pages and programs see it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct LotView {
    pub id: i64,
    pub version: i64,
    pub code: String,
    pub kind: String,
    pub name: String,
    pub lot_no: String,
    pub supplier: String,
    pub certificate_no: String,
    pub concentration: String,
    pub unit: String,
    #[schema(value_type = String, format = Date)]
    pub received_on: NaiveDate,
    #[schema(value_type = Option<String>, format = Date)]
    pub opened_on: Option<NaiveDate>,
    #[schema(value_type = String, format = Date)]
    pub expires_on: NaiveDate,
    pub prepared_by: String,
    pub purity: String,
    pub storage: String,
    /// Codes of the lots that it was made of.
    pub parents: Vec<String>,
    /// Its last day of use is over on the day of the question.
    pub expired: bool,
}

/// Lots, newest first, on a day; three statements.
pub fn lots(conn: &mut Conn, before: i64, limit: i64, on: NaiveDate) -> Outcome<Vec<LotView>> {
    let rows = store::lots(conn, before, limit)?;
    views(conn, rows, on)
}

/// Two statements.
pub(super) fn views(conn: &mut Conn, rows: Vec<LotRow>, on: NaiveDate) -> Outcome<Vec<LotView>> {
    let ids: Vec<LotId> = rows.iter().map(|row| row.id).collect();
    let made_of = store::parents(conn, &ids)?;
    let parents: Vec<LotId> = made_of.iter().map(|(_, parent)| *parent).collect();
    let codes: HashMap<LotId, String> =
        store::by_ids(conn, &parents)?.into_iter().map(|row| (row.id, row.code)).collect();
    let view = |row: LotRow| LotView {
        id: row.id.0,
        version: row.version,
        parents: made_of
            .iter()
            .filter(|(lot, _)| *lot == row.id)
            .filter_map(|(_, parent)| codes.get(parent).cloned())
            .collect(),
        expired: row.expires_on < on,
        code: row.code,
        kind: row.kind,
        name: row.name,
        lot_no: row.lot_no,
        supplier: row.supplier,
        certificate_no: row.certificate_no,
        concentration: row.concentration.unwrap_or_default(),
        unit: row.unit,
        received_on: row.received_on,
        opened_on: row.opened_on,
        expires_on: row.expires_on,
        prepared_by: row.prepared_by,
        purity: row.purity,
        storage: row.storage,
    };
    Ok(rows.into_iter().map(view).collect())
}

/// The lots that bear the codes, in the order of the codes.
///
/// # Errors
/// `lot-unknown` at `lots` for every code that no lot bears.
pub fn require_lots(conn: &mut Conn, codes: &[String]) -> Outcome<Vec<LotId>> {
    let known = store::by_codes(conn, codes)?;
    let mut reasons = Reasons::new();
    let mut ids = Vec::new();
    for code in codes {
        match known.iter().find(|row| row.code == *code) {
            Some(row) => ids.push(row.id),
            None => reasons.add(LOT_UNKNOWN.with("code", code).at("lots")),
        }
    }
    reasons.none()?;
    Ok(ids)
}

/// What a lot holds.
#[derive(Clone, Debug)]
pub struct LotContent {
    pub id: LotId,
    pub code: String,
    /// `None`: it does not say.
    pub concentration: Option<Decimal>,
    pub unit: String,
}

/// What the lots hold that bear the codes, in the order of the codes; one statement where there are any.
///
/// # Errors
/// `lot-unknown` at a field for every code that no lot bears.
pub fn contents(conn: &mut Conn, codes: &[String], field: &str) -> Outcome<Vec<LotContent>> {
    if codes.is_empty() {
        return Ok(Vec::new());
    }
    let known = store::by_codes(conn, codes)?;
    let mut reasons = Reasons::new();
    let mut contents = Vec::new();
    for code in codes {
        match known.iter().find(|row| row.code == *code) {
            Some(row) => contents.push(LotContent {
                id: row.id,
                code: row.code.clone(),
                concentration: row.concentration.as_deref().and_then(|text| Decimal::parse(text).ok()),
                unit: row.unit.clone(),
            }),
            None => reasons.add(LOT_UNKNOWN.with("code", code).at(field)),
        }
    }
    reasons.none()?;
    Ok(contents)
}

/// The last days of use of the lots that bear the codes; codes that none bears are left out.
pub fn last_days(conn: &mut Conn, codes: &[String]) -> Outcome<Vec<(String, NaiveDate)>> {
    Ok(store::by_codes(conn, codes)?.into_iter().map(|row| (row.code, row.expires_on)).collect())
}

/// What speaks against a lot in use on a day.
pub fn against(code: &str, expires_on: NaiveDate, used_on: NaiveDate) -> Option<Reason> {
    (expires_on < used_on).then(|| LOT_EXPIRED.with("code", code).with("date", expires_on).with("used", used_on))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lots that are there, with their last days.
    fn known(lots: &[(&str, &str)]) -> HashMap<String, NaiveDate> {
        lots.iter().map(|(code, expires_on)| ((*code).to_owned(), expires_on.parse().unwrap())).collect()
    }

    fn solution() -> LotInput {
        LotInput {
            code: "W-001".into(),
            kind: "solution".into(),
            name: "铅标准使用液".into(),
            concentration: "1.00".into(),
            unit: "mg/L".into(),
            received_on: "2026-11-16".into(),
            expires_on: "2026-12-15".into(),
            prepared_by: "检验员甲".into(),
            parents: "S-001；S-002; S-001".into(),
            ..LotInput::default()
        }
    }

    fn codes(reasons: Vec<Reason>) -> Vec<(String, &'static str)> {
        reasons.into_iter().map(|one| (one.field.unwrap_or_default(), one.problem.code)).collect()
    }

    #[test]
    fn a_solution_names_lots_that_are_there_and_outlives_none_of_them() {
        let facts = solution().checked().unwrap();
        assert_eq!(facts.parents, ["S-001", "S-002"], "each once");
        let at = |field: &str, code: &'static str| (field.to_owned(), code);
        let against = |lots: &[(&str, &str)]| codes(facts.against(&known(lots), "2026-11-16".parse().unwrap()));
        assert_eq!(
            against(&[("S-001", "2026-12-14")]),
            [at("expires_on", "lot-outlives-parent"), at("parents", "lot-unknown")]
        );
        let good = [("S-001", "2026-12-15"), ("S-002", "2027-01-01")];
        assert!(against(&good).is_empty(), "the same last day is no longer life");
        let taken = [good[0], good[1], ("W-001", "2027-01-01")];
        assert_eq!(against(&taken), [at("code", "lot-code-taken")]);
        let own = LotInput { parents: "W-001".into(), ..solution() }.checked().unwrap();
        let reasons = own.against(&known(&[]), "2026-11-16".parse().unwrap());
        assert_eq!(codes(reasons), [at("parents", "lot-unknown")], "made of itself");
    }

    #[test]
    fn nothing_is_received_or_opened_in_advance() {
        let input = LotInput { parents: String::new(), opened_on: "2026-11-16".into(), ..solution() };
        let facts = input.checked().unwrap();
        let on = |today: &str| codes(facts.against(&known(&[]), today.parse().unwrap()));
        assert!(on("2026-11-16").is_empty(), "the day itself is not in advance");
        let at = |field: &str| (field.to_owned(), "lot-dates");
        assert_eq!(on("2026-11-15"), [at("received_on"), at("opened_on")]);
    }

    #[test]
    fn a_solution_says_who_prepared_it_and_days_go_forward() {
        let wrong = LotInput {
            prepared_by: " ".into(),
            expires_on: "2026-11-15".into(),
            opened_on: "2026-11-01".into(),
            concentration: "1,00".into(),
            ..solution()
        };
        let refusal = wrong.checked().unwrap_err();
        let named: Vec<_> =
            refusal.reasons.iter().map(|one| (one.field.as_deref().unwrap(), one.problem.code)).collect();
        assert_eq!(
            named,
            [
                ("concentration", "field-invalid"),
                ("expires_on", "lot-dates"),
                ("opened_on", "lot-dates"),
                ("prepared_by", "field-missing"),
            ]
        );
    }

    #[test]
    fn the_last_day_of_use_is_a_day_of_use() {
        let day = |text: &str| text.parse().unwrap();
        assert!(against("S-001", day("2026-12-15"), day("2026-12-15")).is_none());
        assert_eq!(
            against("S-001", day("2026-12-15"), day("2026-12-16")).map(|one| one.problem.code),
            Some("lot-expired")
        );
    }
}
