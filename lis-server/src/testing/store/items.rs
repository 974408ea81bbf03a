//! Queries of items: what is to be tested, its state, the result in force.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use diesel::dsl::case_when;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable, Text};

use super::results::ResultRow;
use super::worksheets::WorksheetRow;
use crate::db::schema::{result_version, sample, test_item, worksheet};
use crate::db::{Conn, MultiBackend, change_in_pieces, cols, each, in_pieces};
use crate::domain::clock::Moment;
use crate::domain::ids::{ItemId, PartId, PersonId, ResultId, SampleId, WorksheetId};
use crate::domain::refusal::Fact;

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = test_item)]
pub struct ItemRow {
    pub id: ItemId,
    pub version: i64,
    pub sample_id: SampleId,
    pub part_id: Option<PartId>,
    pub seq: i64,
    pub analyte: String,
    pub analyte_zh: String,
    pub analyte_en: String,
    pub method_standard: String,
    pub method_key: String,
    pub limit_standards: String,
    pub food: String,
    pub produced_on: NaiveDate,
    pub unit: String,
    pub state: String,
    pub tester_id: Option<PersonId>,
    pub worksheet_id: Option<WorksheetId>,
    pub checker_id: Option<PersonId>,
    pub result_id: Option<ResultId>,
    pub verdict: String,
    /// Nobody tests it: its result is calculated from those of others of the sample.
    pub derived: bool,
    /// The client asks for guard bands.
    pub guard_band: bool,
    /// The approved deviation from the method, as a document; empty: none.
    pub deviation: String,
    /// Edition of the implementing rules that asked for it; empty: an order did.
    pub rules_edition: String,
    /// The methods that the rules permit, separated by `;`; empty: its own alone.
    pub permitted_methods: String,
    /// What the label says of it, as `≥3.2 g/100g × 80 %`; empty: nothing that is to be judged.
    pub label_claim: String,
    /// The factors that were stated for its product, as a document; empty: none.
    pub limit_factor: String,
}

impl ItemRow {
    /// As a sentence names it.
    pub fn name(&self) -> Fact {
        Fact::named(self.analyte_zh.as_str(), self.analyte_en.as_str())
    }
}

#[derive(Insertable)]
#[diesel(table_name = test_item, treat_none_as_default_value = false)]
pub struct NewItemRow {
    pub version: i64,
    pub sample_id: SampleId,
    pub part_id: Option<PartId>,
    pub seq: i64,
    pub analyte: String,
    pub analyte_zh: String,
    pub analyte_en: String,
    pub method_standard: String,
    pub method_key: String,
    pub limit_standards: String,
    pub food: String,
    pub produced_on: NaiveDate,
    pub unit: String,
    pub state: &'static str,
    pub verdict: &'static str,
    pub created_at: Moment,
    pub tester_id: Option<PersonId>,
    pub derived: bool,
    pub guard_band: bool,
    pub rules_edition: String,
    pub permitted_methods: String,
    pub label_claim: String,
    pub limit_factor: String,
}

impl NewItemRow {
    /// The row as it stands in the table.
    pub fn inserted(self, id: ItemId) -> ItemRow {
        ItemRow {
            id,
            version: self.version,
            sample_id: self.sample_id,
            part_id: self.part_id,
            seq: self.seq,
            analyte: self.analyte,
            analyte_zh: self.analyte_zh,
            analyte_en: self.analyte_en,
            method_standard: self.method_standard,
            method_key: self.method_key,
            limit_standards: self.limit_standards,
            food: self.food,
            produced_on: self.produced_on,
            unit: self.unit,
            state: self.state.to_owned(),
            tester_id: self.tester_id,
            worksheet_id: None,
            checker_id: None,
            result_id: None,
            verdict: self.verdict.to_owned(),
            derived: self.derived,
            guard_band: self.guard_band,
            deviation: String::new(),
            rules_edition: self.rules_edition,
            permitted_methods: self.permitted_methods,
            label_claim: self.label_claim,
            limit_factor: self.limit_factor,
        }
    }
}

/// Inserts items; their ids in the order of the rows.
pub fn insert_items(conn: &mut Conn, rows: &[NewItemRow]) -> QueryResult<Vec<ItemId>> {
    let made: Vec<(SampleId, i64, ItemId)> = each!(conn, c => diesel::insert_into(test_item::table)
        .values(rows)
        .returning((test_item::sample_id, test_item::seq, test_item::id))
        .get_results(c))?;
    let made: HashMap<(SampleId, i64), ItemId> =
        made.into_iter().map(|(sample, seq, id)| ((sample, seq), id)).collect();
    rows.iter().map(|row| made.get(&(row.sample_id, row.seq)).copied().ok_or(diesel::NotFound)).collect()
}

/// Nobody else adds items to these samples before this write ends: of results that come at once the later one sees the
/// earlier. SQLite has one writer anyway.
pub fn lock_samples(conn: &mut Conn, ids: &[SampleId]) -> QueryResult<()> {
    if let Conn::Postgres(c) = conn {
        let locked = sample::table.filter(sample::id.eq_any(ids.iter().map(|id| id.0))).order(sample::id);
        locked.select(sample::id).for_update().load::<i64>(c)?;
    }
    Ok(())
}

pub fn items(conn: &mut Conn, ids: &[ItemId]) -> QueryResult<Vec<ItemRow>> {
    let mut found: Vec<ItemRow> = in_pieces(ids, |ids| {
        test_item::table.filter(test_item::id.eq_any(ids.iter().map(|id| id.0))).select(cols::<ItemRow>()).load(conn)
    })?;
    found.sort_unstable_by_key(|item| item.id);
    Ok(found)
}

/// Nobody changes, holds or frees this item before this write ends: who holds it locks it too. SQLite has one writer
/// anyway.
pub fn lock_item(conn: &mut Conn, id: ItemId) -> QueryResult<()> {
    if let Conn::Postgres(c) = conn {
        test_item::table.find(id.0).select(test_item::id).for_update().first::<i64>(c).optional()?;
    }
    Ok(())
}

/// What lists of items are filtered by.
#[derive(Clone, Debug, Default)]
pub struct ItemFilter {
    pub states: Vec<&'static str>,
    pub method_standard: Option<String>,
    pub tester: Option<PersonId>,
    /// Name of the verdict of the result in force.
    pub verdict: Option<&'static str>,
    pub after: i64,
}

pub fn items_where(conn: &mut Conn, filter: &ItemFilter, limit: i64) -> QueryResult<Vec<ItemRow>> {
    let mut query = test_item::table
        .filter(test_item::state.eq_any(filter.states.clone()))
        .filter(test_item::id.gt(filter.after))
        .into_boxed();
    if let Some(method) = &filter.method_standard {
        query = query.filter(test_item::method_standard.eq(method.clone()));
    }
    if let Some(tester) = filter.tester {
        query = query.filter(test_item::tester_id.eq(tester));
    }
    if let Some(verdict) = filter.verdict {
        query = query.filter(test_item::verdict.eq(verdict));
    }
    query.order(test_item::id).limit(limit).select(cols::<ItemRow>()).load(conn)
}

/// Items of samples with the result in force and the sheet it came from.
pub type ItemWithResult = (ItemRow, Option<WorksheetRow>, Option<ResultRow>);

pub fn items_of_samples(conn: &mut Conn, samples: &[SampleId]) -> QueryResult<Vec<ItemWithResult>> {
    test_item::table
        .left_join(worksheet::table.on(test_item::worksheet_id.eq(worksheet::id.nullable())))
        .left_join(result_version::table.on(test_item::result_id.eq(result_version::id.nullable())))
        .filter(test_item::sample_id.eq_any(samples.iter().map(|id| id.0)))
        .order((test_item::sample_id, test_item::seq))
        .select((cols::<ItemRow>(), cols::<Option<WorksheetRow>>(), cols::<Option<ResultRow>>()))
        .load(conn)
}

/// The items asked for and all others of their samples: whoever checks needs to know whether a sample is done.
pub fn items_with_siblings(conn: &mut Conn, ids: &[ItemId]) -> QueryResult<Vec<ItemWithResult>> {
    let asked = diesel::alias!(test_item as asked);
    let samples = asked
        .filter(asked.field(test_item::id).eq_any(ids.iter().map(|id| id.0)))
        .select(asked.field(test_item::sample_id));
    test_item::table
        .left_join(worksheet::table.on(test_item::worksheet_id.eq(worksheet::id.nullable())))
        .left_join(result_version::table.on(test_item::result_id.eq(result_version::id.nullable())))
        .filter(test_item::sample_id.eq_any(samples))
        .order(test_item::id)
        .select((cols::<ItemRow>(), cols::<Option<WorksheetRow>>(), cols::<Option<ResultRow>>()))
        .load(conn)
}

type Holds = Box<dyn BoxableExpression<test_item::table, MultiBackend, SqlType = Bool>>;

/// True for the items that are still at the versions that were seen.
fn at_versions(seen: &[(ItemId, i64)]) -> Holds {
    let mut by_version: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for (id, version) in seen {
        by_version.entry(*version).or_default().push(id.0);
    }
    let mut holds: Holds = Box::new(test_item::id.eq(0));
    for (version, ids) in by_version {
        holds = Box::new(holds.or(test_item::version.eq(version).and(test_item::id.eq_any(ids))));
    }
    holds
}

/// What a step changes about items; `None` leaves a column as it is.
#[derive(AsChangeset, Clone, Debug, Default)]
#[diesel(table_name = test_item)]
pub struct ItemChange {
    pub state: Option<&'static str>,
    pub tester_id: Option<Option<PersonId>>,
    pub worksheet_id: Option<Option<WorksheetId>>,
    pub checker_id: Option<Option<PersonId>>,
    pub deviation: Option<String>,
    pub limit_factor: Option<String>,
}

/// Changes items that are still at the versions seen; fewer changed rows than items: someone was faster.
pub fn change_items(conn: &mut Conn, seen: &[(ItemId, i64)], change: &ItemChange) -> QueryResult<bool> {
    let changed = change_in_pieces(seen, |seen| {
        diesel::update(test_item::table.filter(at_versions(seen)))
            .set((change, test_item::version.eq(test_item::version + 1)))
            .execute(conn)
    })?;
    Ok(changed == seen.len())
}

/// Gives an item that is still at the version seen another method; it waits for a tester again.
pub fn set_method(conn: &mut Conn, id: ItemId, seen: i64, standard: &str, state: &str) -> QueryResult<bool> {
    let at = test_item::table.filter(test_item::id.eq(id)).filter(test_item::version.eq(seen));
    let changed = diesel::update(at)
        .set((
            test_item::method_standard.eq(standard),
            test_item::method_key.eq(""),
            test_item::tester_id.eq(None::<i64>),
            test_item::state.eq(state),
            test_item::version.eq(seen + 1),
        ))
        .execute(conn)?;
    Ok(changed == 1)
}

/// Items that get the same tester, procedure with its method, and unit, at the versions that were seen.
pub struct Assigning {
    pub tester: PersonId,
    pub method_standard: String,
    pub method_key: String,
    pub unit: String,
    pub seen: Vec<(ItemId, i64)>,
}

type Value<T> = Box<dyn BoxableExpression<test_item::table, MultiBackend, SqlType = T>>;

/// Groups that one statement assigns: each nests its columns one deeper, and SQLite takes expressions of depth 1,000.
const GROUPS_OF_A_STATEMENT: usize = 200;

/// Assigns items, [`GROUPS_OF_A_STATEMENT`] groups by one statement; `false` when someone was faster.
pub fn assign_items(conn: &mut Conn, all: &[Assigning], state: &str) -> QueryResult<bool> {
    let mut changed = 0;
    for some in all.chunks(GROUPS_OF_A_STATEMENT) {
        changed += assign_some(conn, some, state)?;
    }
    Ok(changed == all.iter().map(|one| one.seen.len()).sum::<usize>())
}

fn assign_some(conn: &mut Conn, some: &[Assigning], state: &str) -> QueryResult<usize> {
    let mut tester: Value<Nullable<BigInt>> = Box::new(test_item::tester_id);
    let mut method_standard: Value<Text> = Box::new(test_item::method_standard);
    let mut method_key: Value<Text> = Box::new(test_item::method_key);
    let mut unit: Value<Text> = Box::new(test_item::unit);
    for one in some {
        let its = || test_item::id.eq_any(one.seen.iter().map(|(id, _)| id.0).collect::<Vec<i64>>());
        let own = Some(one.tester.0).into_sql::<Nullable<BigInt>>();
        tester = Box::new(case_when(its(), own).otherwise(tester));
        let own = one.method_standard.clone().into_sql::<Text>();
        method_standard = Box::new(case_when(its(), own).otherwise(method_standard));
        let own = one.method_key.clone().into_sql::<Text>();
        method_key = Box::new(case_when(its(), own).otherwise(method_key));
        let own = one.unit.clone().into_sql::<Text>();
        unit = Box::new(case_when(its(), own).otherwise(unit));
    }
    let seen: Vec<(ItemId, i64)> = some.iter().flat_map(|one| one.seen.iter().copied()).collect();
    diesel::update(test_item::table.filter(at_versions(&seen)))
        .set((
            test_item::state.eq(state),
            test_item::tester_id.eq(tester),
            test_item::method_standard.eq(method_standard),
            test_item::method_key.eq(method_key),
            test_item::unit.eq(unit),
            test_item::version.eq(test_item::version + 1),
        ))
        .execute(conn)
}

/// Points items to the result versions just inserted: each to its newest, by one statement.
pub fn take_newest_results(conn: &mut Conn, seen: &[(ItemId, i64)], state: &str) -> QueryResult<bool> {
    let newer = diesel::alias!(result_version as newer);
    let newest = result_version::table.filter(result_version::item_id.eq(test_item::id)).filter(diesel::dsl::not(
        diesel::dsl::exists(
            newer
                .filter(newer.field(result_version::item_id).eq(result_version::item_id))
                .filter(newer.field(result_version::version_no).gt(result_version::version_no))
                .select(newer.field(result_version::id)),
        ),
    ));
    let id = newest.select(result_version::id.nullable()).single_value();
    let verdict = newest.select(result_version::verdict.nullable()).single_value();
    let changed = diesel::update(test_item::table.filter(at_versions(seen)))
        .set((
            test_item::state.eq(state),
            test_item::version.eq(test_item::version + 1),
            test_item::result_id.eq(id),
            test_item::verdict.eq(verdict.assume_not_null()),
            test_item::checker_id.eq(None::<PersonId>),
        ))
        .execute(conn)?;
    Ok(changed == seen.len())
}

/// The result that another laboratory gave. Whoever entered it stands for it as a tester does for his.
#[derive(AsChangeset, Clone, Debug)]
#[diesel(table_name = test_item)]
pub struct ForeignResult {
    pub state: &'static str,
    pub result_id: ResultId,
    pub verdict: String,
    pub method_key: String,
    pub unit: String,
    pub tester_id: PersonId,
}

/// Points an item to the result that another laboratory gave; `false` when someone was faster.
pub fn take_foreign_result(conn: &mut Conn, id: ItemId, seen: i64, result: &ForeignResult) -> QueryResult<bool> {
    let changed = diesel::update(test_item::table.filter(at_versions(&[(id, seen)])))
        .set((result, test_item::version.eq(test_item::version + 1)))
        .execute(conn)?;
    Ok(changed == 1)
}

/// Items in some states whose result in force has a verdict.
pub fn count_with_verdict(conn: &mut Conn, states: &[&'static str], verdict: &str) -> QueryResult<i64> {
    test_item::table
        .filter(test_item::state.eq_any(states.to_vec()))
        .filter(test_item::verdict.eq(verdict))
        .count()
        .get_result(conn)
}

/// Items in some states; of one tester, where one is named.
pub fn count_items(conn: &mut Conn, states: &[&'static str], tester: Option<PersonId>) -> QueryResult<i64> {
    let items = test_item::table.filter(test_item::state.eq_any(states.to_vec()));
    match tester {
        Some(tester) => items.filter(test_item::tester_id.eq(tester)).count().get_result(conn),
        None => items.count().get_result(conn),
    }
}

#[cfg(test)]
mod tests {
    use diesel::connection::SimpleConnection;

    use super::*;
    use crate::server::tests::laboratory;

    /// Non-conforming work on an analyser sends back what it has measured in months: more than SQLite's 32,766 values.
    #[test]
    fn any_number_of_items_is_read_and_changed() {
        let (_directory, lis) = laboratory();
        let ids: Vec<ItemId> = (1..=40_000).map(ItemId).collect();
        let seen: Vec<(ItemId, i64)> = ids.iter().map(|id| (*id, 1)).collect();
        lis.db
            .write_now(move |tx| {
                assert!(items(tx.conn, &ids)?.is_empty());
                let change = ItemChange { state: Some("final"), ..ItemChange::default() };
                assert!(!change_items(tx.conn, &seen, &change)?, "there are none");
                Ok(())
            })
            .unwrap();
    }

    /// A thousand items at once, each to another tester: the most that one request may ask for.
    #[test]
    fn a_thousand_groups_are_assigned_each_to_its_own_tester() {
        let (_directory, lis) = laboratory();
        let own = |item: &ItemRow| {
            let n = item.seq;
            item.tester_id == Some(PersonId(n))
                && item.method_standard == format!("method-{n}")
                && item.method_key == format!("procedure-{n}")
                && item.unit == format!("unit-{n}")
                && (item.version, item.state.as_str()) == (2, "assigned")
        };
        let right = lis.db.write_now(move |tx| {
            // Sample and testers are not there; the items are gone before the write ends.
            tx.conn.batch_execute("PRAGMA defer_foreign_keys = ON")?;
            let rows: Vec<NewItemRow> = (1..=1_000).map(|seq| planned(seq, tx.now)).collect();
            let ids = insert_items(tx.conn, &rows)?;
            let group = |(n, id): (i64, &ItemId)| Assigning {
                tester: PersonId(n),
                method_standard: format!("method-{n}"),
                method_key: format!("procedure-{n}"),
                unit: format!("unit-{n}"),
                seen: vec![(*id, 1)],
            };
            let groups: Vec<Assigning> = (1..).zip(&ids).map(group).collect();
            assert!(assign_items(tx.conn, &groups, "assigned")?);
            let right = items(tx.conn, &ids)?.iter().filter(|item| own(item)).count();
            diesel::delete(test_item::table).execute(tx.conn)?;
            Ok(right)
        });
        assert_eq!(right.unwrap(), 1_000);
    }

    fn planned(seq: i64, now: Moment) -> NewItemRow {
        NewItemRow {
            version: 1,
            sample_id: SampleId(1),
            part_id: None,
            seq,
            analyte: "pb".to_owned(),
            analyte_zh: "铅".to_owned(),
            analyte_en: "Lead".to_owned(),
            method_standard: "GB 5009.12".to_owned(),
            method_key: String::new(),
            limit_standards: String::new(),
            food: String::new(),
            produced_on: now.date_in_china(),
            unit: String::new(),
            state: "planned",
            verdict: "",
            created_at: now,
            tester_id: None,
            derived: false,
            guard_band: false,
            rules_edition: String::new(),
            permitted_methods: String::new(),
            label_claim: String::new(),
            limit_factor: String::new(),
        }
    }
}
