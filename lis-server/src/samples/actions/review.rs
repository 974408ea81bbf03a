//! The review of orders: recorded at acceptance, repeated with every change, told to the client (ISO/IEC 17025 7.1). What is
//! pointed out about a method or an item is answered in writing before anything is tested.

use std::slice;

use chrono::NaiveDate;
use serde::Serialize;

use super::super::facts::SampleFacts;
use super::super::form::not_negative;
use super::super::offered::Offered;
use super::super::order::OrderedItem;
use super::super::receipt::{CONSENT_MOST, Receipt};
use super::super::review::{Ground, Review, ReviewNotice, ReviewedItem};
use super::super::state::SampleState;
use super::super::store::{self, NewReview, ReviewRow};
use super::super::words::PartRole;
use super::super::{METHOD_POINTED_OUT, ORDER_CLOSED, ORDER_NONE, ORDER_OUTSIDE_SCOPE};
use super::receive::to_test;
use super::{facts, parts_of, require_seen, stale};
use crate::accounts::Actor;
use crate::accounts::actions::{contacts_of_enterprises, names_of};
use crate::db::{Conn, Tx};
use crate::domain::clock::Moment;
use crate::domain::decimal::Decimal;
use crate::domain::ids::{PartId, PersonId, SampleId};
use crate::domain::input::Checker;
use crate::domain::refusal::{Fact, Fault, Outcome, Reasons, Refusal};
use crate::mail::{self, NewMail};
use crate::quality::environment::places::Places;
use crate::quality::gates::state::Mode;
use crate::quality::scope::actions::scope_on;
use crate::quality::scope::state::ScopeOn;
use crate::testing::actions::SampleToTest;
use crate::web::language::Language;

/// Longest reason of a change, in characters.
const REASON_MOST: usize = 500;

/// What is read before an order is received or changed: the catalogue in force, the accredited scope of the day, and which
/// places lie in which room.
pub struct Reception {
    pub offered: Offered,
    pub places: Places,
    scope: ScopeOn,
    /// How strictly pictures of what is not in order are asked for.
    pub pictures: Mode,
}

impl Reception {
    pub fn read(conn: &mut Conn, today: NaiveDate) -> Outcome<Self> {
        Ok(Self {
            offered: Offered::current(conn)?,
            places: Places::load(conn)?,
            scope: scope_on(conn, today)?,
            pictures: Mode::Warn,
        })
    }

    /// In a laboratory that asks for pictures so strictly.
    pub fn asking(self, pictures: Mode) -> Self {
        Self { pictures, ..self }
    }

    fn ground<'a>(&'a self, sample: &'a SampleFacts, today: NaiveDate) -> Ground<'a> {
        Ground::of(self.offered.whole(), &self.scope, sample, today)
    }

    /// What the review of an order will point out, in sentences.
    pub fn pointed_out(&self, sample: &SampleFacts, today: NaiveDate, language: Language) -> Vec<String> {
        let contract = sample.form.contract.as_ref();
        let review = contract.map(|contract| Review::of(&self.ground(sample, today), contract));
        review.map(|review| sentences(&review.items, language)).unwrap_or_default()
    }

    /// What is pointed out needs the client's written answer: about a method always, about the scope where its gate blocks.
    fn require_answered(&self, items: &[ReviewedItem], consent: &str) -> Result<(), Refusal> {
        let mut reasons = Reasons::new();
        for (item, notice) in noticed(items).filter(|_| consent.is_empty()) {
            let problem = if notice.is_about_method() { METHOD_POINTED_OUT } else { ORDER_OUTSIDE_SCOPE };
            let reason = problem
                .with("item", Fact::named(item.name_zh.as_str(), item.name_en.as_str()))
                .with("asked", &item.asked)
                .with("method", &item.method)
                .with_word("notice", notice.word())
                .at("consent");
            if notice.is_about_method() {
                reasons.add(reason);
            } else {
                reasons.extend(self.scope.passage(Some(reason), Vec::new()).blocks);
            }
        }
        reasons.none()
    }
}

/// Every item with each thing that is pointed out about it.
fn noticed(items: &[ReviewedItem]) -> impl Iterator<Item = (&ReviewedItem, ReviewNotice)> {
    items.iter().flat_map(|item| item.notices.iter().map(move |notice| (item, *notice)))
}

fn sentences(items: &[ReviewedItem], language: Language) -> Vec<String> {
    let sentence = |(item, notice): (&ReviewedItem, ReviewNotice)| {
        let facts = [
            ("item", Fact::from(name_of(item, language))),
            ("asked", Fact::from(&item.asked)),
            ("method", Fact::from(&item.method)),
        ];
        language.text_with(&format!("review-told-{}", notice.code().replace('_', "-")), &facts)
    };
    noticed(items).map(sentence).collect()
}

fn name_of(item: &ReviewedItem, language: Language) -> &str {
    match language {
        Language::English if !item.name_en.is_empty() => &item.name_en,
        Language::English | Language::Chinese => &item.name_zh,
    }
}

/// The review of a sample that is about to be accepted; `None`: nobody ordered it of this laboratory.
///
/// # Errors
/// Everything that is pointed out and not answered.
pub(super) fn reviewed(
    reception: &Reception,
    sample: &SampleFacts,
    receipt: &Receipt,
    today: NaiveDate,
) -> Result<Option<Review>, Refusal> {
    let Some(contract) = &sample.form.contract else { return Ok(None) };
    let review = Review::of(&reception.ground(sample, today), contract);
    reception.require_answered(&review.items, &receipt.consent)?;
    Ok(Some(review))
}

/// Says what an acceptance has reviewed; the receipt keeps it. The client is told where something was pointed out.
pub(super) fn first_reviewed(tx: &mut Tx, by: &Actor, sample: &SampleFacts, receipt: &Receipt) -> Outcome<()> {
    let Some(review) = &receipt.review else { return Ok(()) };
    let price = receipt.price.as_ref().map(Decimal::as_str);
    let version = Version { number: FIRST, review, price, consent: &receipt.consent, reason: "" };
    log(tx, by, (sample, sample.version + 1), &version);
    if noticed(&review.items).next().is_none() {
        return Ok(());
    }
    tell(tx, sample, &version, &review.items, |language| language.text("review-step-accept"))
}

/// The version that stands in the receipt.
const FIRST: i64 = 1;

/// A version on its way into the records.
struct Version<'a> {
    number: i64,
    review: &'a Review,
    price: Option<&'a str>,
    consent: &'a str,
    reason: &'a str,
}

fn record(tx: &mut Tx, by: &Actor, (sample, seen): (&SampleFacts, i64), version: &Version) -> Outcome<()> {
    let document = serde_json::to_string(version.review).map_err(Fault::broken)?;
    let row = NewReview {
        sample_id: sample.id,
        version_no: version.number,
        price: version.price,
        consent: version.consent,
        reason: version.reason,
        document: &document,
        person_id: by.person,
        at: tx.now,
    };
    if !store::insert_review(tx.conn, &row)? {
        return Err(stale(sample.id, seen));
    }
    log(tx, by, (sample, seen), version);
    Ok(())
}

fn log(tx: &mut Tx, by: &Actor, (sample, seen): (&SampleFacts, i64), version: &Version) {
    let items = version.review.items.iter().map(|item| format!("{} {}", item.analyte, item.method));
    tx.log(
        by.entry("sample", sample.id.0, seen, "order-reviewed")
            .set("review", version.number)
            .set("items", items.collect::<Vec<_>>().join("; "))
            .set("price", version.price.unwrap_or_default())
            .set("consent", version.consent)
            .set("reason", version.reason),
    );
}

/// The version of a review that an accepted order has from its receipt.
fn of_receipts(conn: &mut Conn, id: SampleId) -> Outcome<Option<ReviewRow>> {
    for row in store::receipts(conn, id)? {
        let receipt: Receipt = serde_json::from_str(&row.document).map_err(Fault::broken)?;
        if let Some(review) = receipt.review {
            return Ok(Some(ReviewRow {
                version_no: FIRST,
                price: receipt.price.map(|price| price.as_str().to_owned()),
                consent: receipt.consent,
                reason: String::new(),
                document: serde_json::to_string(&review).map_err(Fault::broken)?,
                person_id: row.custodian_id,
                at: row.received_at,
            }));
        }
    }
    Ok(None)
}

/// All versions, newest first.
fn versions(conn: &mut Conn, id: SampleId) -> Outcome<Vec<ReviewRow>> {
    let mut rows = store::later_reviews(conn, id)?;
    rows.extend(of_receipts(conn, id)?);
    Ok(rows)
}

/// Queues the mail about a version to the client's people: what happened, and what is pointed out about the items that it is
/// about.
fn tell(
    tx: &mut Tx,
    sample: &SampleFacts,
    version: &Version,
    about: &[ReviewedItem],
    what: impl Fn(Language) -> String,
) -> Outcome<()> {
    let clients: Vec<_> = sample.client_id.into_iter().collect();
    let mails: Vec<NewMail> = contacts_of_enterprises(tx.conn, &clients)?
        .into_iter()
        .map(|contact| {
            let language = contact.language;
            let facts: [(&'static str, Fact); 6] = [
                ("form_no", sample.form_no.as_str().into()),
                ("sample", sample.sample_name.as_str().into()),
                ("version", version.number.into()),
                ("what", what(language).into()),
                ("notices", sentences(about, language).join(" ").into()),
                ("reason", version.reason.into()),
            ];
            NewMail {
                key: format!("order-reviewed:{}:{}:{}", sample.id, version.number, contact.person),
                recipient: contact.email,
                language,
                subject: language.text_with("mail-order-reviewed-subject", &facts),
                body: language.text_with("mail-order-reviewed-body", &facts),
                attachment: None,
                about: ("sample", sample.id.0),
            }
        })
        .collect();
    mail::queue_all(tx, &mails)?;
    Ok(())
}

/// A change of an order.
pub enum OrderChange<'a> {
    Add(&'a OrderedItem),
    /// The analyte of an item that is tested no more.
    Cancel(&'a str),
    /// Another method for an item.
    Method(&'a OrderedItem),
}

/// What is said about a change, checked.
#[derive(Clone, Debug, Default)]
pub struct ChangeFacts {
    /// In yuan; `None`: as before.
    pub price: Option<Decimal>,
    /// Where the client's written answer is found.
    pub consent: String,
    pub reason: String,
}

/// Reads what is said about a change.
pub fn change_facts(check: &mut Checker, price: &str, consent: &str, reason: &str) -> ChangeFacts {
    ChangeFacts {
        price: not_negative(check, "price", price),
        consent: check.optional_text("consent", consent, CONSENT_MOST),
        reason: check.text("reason", reason, REASON_MOST),
    }
}

/// The sample of an order that can still be changed.
///
/// # Errors
/// `order-none` of what an authority ordered; `order-closed` once everything is tested.
pub fn open_order(conn: &mut Conn, id: SampleId) -> Outcome<SampleFacts> {
    let sample = facts(conn, id)?;
    if sample.form.contract.is_none() {
        return Err(ORDER_NONE.with("sample", sample.no()).into());
    }
    if !matches!(sample.state, SampleState::Accepted | SampleState::Testing) {
        return Err(ORDER_CLOSED.with("sample", sample.no()).with_word("state", sample.state.word()).into());
    }
    Ok(sample)
}

/// Another item of an order, from the containers that its sample has.
pub fn more_to_test(conn: &mut Conn, sample: &SampleFacts, item: &OrderedItem) -> Outcome<SampleToTest> {
    let parts = parts_of(conn, &[sample.id])?;
    let of = |role| parts.iter().filter(move |part| part.role == role && part.parent_id.is_none()).map(|part| part.id);
    let micro_parts: Vec<PartId> = of(PartRole::Microbiology).collect();
    let test_part = of(PartRole::Test).next().or(micro_parts.first().copied());
    let test_part = test_part.ok_or_else(|| Fault::broken("an accepted sample has no part to test"))?;
    Ok(to_test(sample, test_part, micro_parts, slice::from_ref(item)))
}

/// Raises the version of a sample whose order gets another item, so that nobody adds one beside it unseen.
///
/// # Errors
/// `stale-version`.
pub fn touch_order(tx: &mut Tx, sample: &SampleFacts, seen: i64) -> Outcome<i64> {
    require_seen(sample.id, seen, sample.version)?;
    if !store::set_state(tx.conn, sample.id, seen, sample.state, &sample.hold_reason)? {
        return Err(stale(sample.id, seen + 1));
    }
    Ok(seen + 1)
}

/// Repeats the review of an order with a change and tells the client. Of a sample that nobody ordered of this laboratory
/// there is nothing to review.
///
/// # Errors
/// What is pointed out about the changed item and not answered.
pub fn order_changed(tx: &mut Tx, by: &Actor, id: SampleId, change: &OrderChange, said: &ChangeFacts) -> Outcome<()> {
    let sample = facts(tx.conn, id)?;
    let Some(contract) = &sample.form.contract else { return Ok(()) };
    let today = tx.now.date_in_china();
    let reception = Reception::read(tx.conn, today)?;
    let ground = reception.ground(&sample, today);
    let newest = versions(tx.conn, id)?.into_iter().next();
    // A sample that was accepted before reviews were kept has none yet.
    let before: Review = match &newest {
        Some(row) => serde_json::from_str(&row.document).map_err(Fault::broken)?,
        None => Review::of(&ground, contract),
    };
    let (step, about, review) = match change {
        OrderChange::Cancel(analyte) => {
            let about = before.items.iter().find(|item| item.analyte == *analyte).cloned();
            let about = about.map(|item| ReviewedItem { notices: Vec::new(), ..item });
            ("review-step-cancel", about.into_iter().collect::<Vec<_>>(), before.without(analyte))
        }
        OrderChange::Add(item) | OrderChange::Method(item) => {
            let item = ground.item(item);
            reception.require_answered(slice::from_ref(&item), &said.consent)?;
            let step = if matches!(change, OrderChange::Add(_)) { "review-step-add" } else { "review-step-method" };
            (step, vec![item.clone()], before.with_item(item))
        }
    };
    let price = said.price.as_ref().map(Decimal::as_str);
    let version = Version {
        number: newest.as_ref().map_or(0, |row| row.version_no) + 1,
        review: &review,
        price: price.or(newest.as_ref().and_then(|row| row.price.as_deref())),
        consent: &said.consent,
        reason: &said.reason,
    };
    record(tx, by, (&sample, sample.version), &version)?;
    tell(tx, &sample, &version, &about, |language| {
        let name = about.first().map_or("", |item| name_of(item, language));
        let method = about.first().map_or("", |item| item.method.as_str());
        language.text_with(step, &[("item", name.into()), ("method", method.into())])
    })
}

/// A version of the review of an order.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct OrderReview {
    pub version_no: i64,
    /// In yuan.
    pub price: Option<String>,
    /// Where the client's written answer to what was pointed out is found.
    pub consent: String,
    /// Why the order was changed; empty at acceptance.
    pub reason: String,
    pub reviewed_by: String,
    #[schema(value_type = String, format = DateTime)]
    pub at: Moment,
    pub items: Vec<OrderReviewItem>,
    pub limit_standards: Vec<String>,
    /// full_value, results_only
    pub decision_rule: String,
    pub report_copies: u32,
    #[schema(value_type = Option<String>, format = Date)]
    pub wanted_on: Option<NaiveDate>,
    pub subcontracting: bool,
    pub return_remainder: bool,
    pub confidential: bool,
}

/// An item as it was reviewed.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct OrderReviewItem {
    pub analyte: String,
    pub name_zh: String,
    pub name_en: String,
    /// The method that the client asked for.
    pub asked: String,
    /// With its edition in force.
    pub method: String,
    /// other_edition, unfit_method, outside_scope
    pub notices: Vec<&'static str>,
}

impl From<ReviewedItem> for OrderReviewItem {
    fn from(item: ReviewedItem) -> Self {
        Self {
            analyte: item.analyte,
            name_zh: item.name_zh,
            name_en: item.name_en,
            asked: item.asked,
            method: item.method,
            notices: item.notices.into_iter().map(ReviewNotice::code).collect(),
        }
    }
}

/// Every version of the review of a sample's order, newest first.
pub fn reviews(conn: &mut Conn, id: SampleId) -> Outcome<Vec<OrderReview>> {
    let rows = versions(conn, id)?;
    let people: Vec<PersonId> = rows.iter().map(|row| row.person_id).collect();
    let names = names_of(conn, &people)?;
    let view = |row: ReviewRow| -> Outcome<OrderReview> {
        let review: Review = serde_json::from_str(&row.document).map_err(Fault::broken)?;
        Ok(OrderReview {
            version_no: row.version_no,
            price: row.price,
            consent: row.consent,
            reason: row.reason,
            reviewed_by: names.get(&row.person_id).cloned().unwrap_or_default(),
            at: row.at,
            items: review.items.into_iter().map(OrderReviewItem::from).collect(),
            limit_standards: review.limit_standards,
            decision_rule: review.decision_rule.code().to_owned(),
            report_copies: review.report_copies,
            wanted_on: review.wanted_on,
            subcontracting: review.subcontracting,
            return_remainder: review.return_remainder,
            confidential: review.confidential,
        })
    };
    rows.into_iter().map(view).collect()
}
