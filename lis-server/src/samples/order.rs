//! An entrusted order (委托检验): what an enterprise submits, with the facts of the contract review (`records.md` 3, ISO/IEC
//! 17025 7.1). It is stored as a sampling form of its own source.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::form::{Circumstances, SamplingForm, label_dates, not_negative, storage};
use super::stated::Lines;
use super::words::*;
use super::{ITEM_REPEATED, ITEM_UNKNOWN, ITEMS_MISSING};
use crate::domain::decimal::Decimal;
use crate::domain::identifiers::Telephone;
use crate::domain::input::Checker;
use crate::domain::refusal::{FIELD_INVALID, FIELD_MISSING, Fact, Refusal};
use crate::domain::text;
use crate::enterprises::EnterpriseFacts;
use crate::judgement::claim::Claim;
use crate::judgement::concentration::StatedFactor;

/// An order as a page or a program gives it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OrderInput {
    pub sample_name: String,
    /// Class of the yearly rules (`pastry`) or `tree:id` of a limit standard's classes (`GB 2762:jam`).
    pub food_category: String,
    pub brand: String,
    pub spec: String,
    pub production_date: String,
    pub expiry_date: String,
    pub batch_no: String,
    pub product_std: String,
    pub producer_name: String,
    pub packing: String,
    pub form_state: String,
    /// Codes; several may hold.
    pub storage: Vec<String>,
    pub quantity: String,
    pub unit: String,
    /// Kept back for a second test, part of `quantity`; may be empty.
    pub backup_quantity: String,
    /// Independent packages for microbiology; may be empty.
    pub micro_units: String,
    /// Each `analyte` or `analyte|method standard`, for example `pb|GB 5009.12`.
    pub items: Vec<String>,
    /// What the label claims and is to be judged (明示值), a line each: `analyte|claim`, for example
    /// `protein|>=3.2 g/100g × 80 %`.
    pub label_claims: String,
    /// By which factor a concentrated, dried or diluted product is judged, with where it comes from, a line each:
    /// `analyte|factor|source`, for example `cd|4.0|GB 2762-2025 3.5, 4.0 kg fresh makes 1.0 kg dried`.
    pub limit_factors: String,
    /// Standards to judge by, separated by `;`; empty: those of the category.
    pub limit_standards: String,
    /// `full_value`, `guard_band` or `results_only`.
    pub decision_rule: String,
    pub contact: String,
    pub phone: String,
    /// 1 to 20.
    pub report_copies: String,
    /// Day the client wants the report by; may be empty.
    pub wanted_on: String,
    /// `yes`: items may be given to another accredited laboratory.
    pub subcontracting: String,
    /// `yes`: what is left goes back to the client.
    pub return_remainder: String,
    pub confidential: String,
    /// Name of the person who orders, as a signature.
    pub signed_by: String,
    pub remark: String,
}

/// One item asked for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct OrderedItem {
    /// Key of the catalogue's analyte.
    pub analyte: String,
    /// Standard of the method without edition; empty: the laboratory chooses.
    pub method_standard: String,
    /// What the label claims of it; `None`: nothing that is to be judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label_claim: Option<Claim>,
    /// By which factor its product is concentrated or diluted; `None`: by none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit_factor: Option<StatedFactor>,
}

/// What was agreed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Contract {
    pub items: Vec<OrderedItem>,
    pub limit_standards: Vec<String>,
    pub decision_rule: DecisionRule,
    pub report_copies: u32,
    pub wanted_on: Option<NaiveDate>,
    pub subcontracting: bool,
    pub return_remainder: bool,
    pub confidential: bool,
    pub signed_by: String,
}

/// What a catalogue offers, for checking items.
pub trait Offer {
    /// The key of an analyte named by key or by name; `None` when it is unknown or the name is shared.
    fn analyte(&self, name: &str) -> Option<String>;
    /// Whether a method standard is known.
    fn has_method(&self, standard: &str) -> bool;
}

/// Items of one order: more than any package has; the bound keeps a slip from making thousands of rows.
const ITEMS_MOST: usize = 100;
/// Characters of all claims of one order or sampling form.
pub(super) const CLAIMS_MOST: usize = 2_000;
/// Characters of all factors of one order or receipt.
pub(super) const FACTORS_MOST: usize = 2_000;

impl OrderInput {
    /// The order as a form of this client.
    ///
    /// # Errors
    /// Every field and every item that is wrong.
    pub fn checked(
        &self,
        client: &EnterpriseFacts,
        around: &Circumstances,
        offer: &dyn Offer,
    ) -> Result<SamplingForm, Refusal> {
        let mut check = Checker::new();
        let mut form = SamplingForm::of_client(client);
        form.sample_name = check.text("sample_name", &self.sample_name, 120);
        form.food_category = check
            .parsed("food_category", &self.food_category, "expected-food-category", |name| (around.category)(name))
            .unwrap_or_default();
        form.brand = check.optional_text("brand", &self.brand, 60);
        form.spec = check.optional_text("spec", &self.spec, 60);
        form.production_date = check.optional_date("production_date", &self.production_date);
        form.expiry_date = check.optional_date("expiry_date", &self.expiry_date);
        let today = around.now.date_in_china();
        let no_date = self.production_date.trim().is_empty() && self.expiry_date.trim().is_empty();
        check.add_if(no_date, || super::LABEL_DATE_MISSING.at("production_date"));
        label_dates(&mut check, form.production_date, form.expiry_date, today);
        form.batch_no = check.optional_text("batch_no", &self.batch_no, 60);
        form.product_std = check.optional_text("product_std", &self.product_std, 80);
        form.producer_name = check.optional_text("producer_name", &self.producer_name, 120);
        form.packing = check.parsed("packing", &self.packing, "expected-listed", Packing::parse);
        form.form_state = check.parsed("form_state", &self.form_state, "expected-listed", FormState::parse);
        form.storage = storage(&mut check, &self.storage);
        check.add_if(self.storage.iter().all(String::is_empty), || FIELD_MISSING.at("storage"));
        self.quantities(&mut check, &mut form);
        form.contact = check.text("contact", &self.contact, 40);
        let phone = |typed: &str| Telephone::parse(typed).ok();
        form.phone =
            check.parsed("phone", &self.phone, "expected-telephone", phone).map(String::from).unwrap_or_default();
        form.remark = check.optional_lines("remark", &self.remark, 500);
        form.contract = self.contract(&mut check, today, offer);
        check.done(Some(form))
    }

    fn quantities(&self, check: &mut Checker, form: &mut SamplingForm) {
        check.add_if(self.quantity.trim().is_empty(), || FIELD_MISSING.at("quantity"));
        let total = not_negative(check, "quantity", &self.quantity);
        let above_zero = || FIELD_INVALID.at("quantity").with_word("expected", "expected-above-zero");
        check.add_if(total.as_ref().is_some_and(Decimal::is_zero), above_zero);
        form.qty_unit = check.text("unit", &self.unit, 16);
        form.qty_backup = not_negative(check, "backup_quantity", &self.backup_quantity);
        if let (Some(total), Some(backup)) = (&total, &form.qty_backup) {
            check.add_if(backup.to_ratio() >= total.to_ratio(), || {
                let reason = super::QUANTITY_SUM.with("total", total).with("test", "0").with("backup", backup);
                reason.at("backup_quantity")
            });
        }
        form.qty_total = total;
        if !self.micro_units.trim().is_empty() {
            let units = check.whole("micro_units", &self.micro_units, 0, 50);
            form.micro_units = units.and_then(|units| u32::try_from(units).ok()).unwrap_or(0);
        }
    }

    fn contract(&self, check: &mut Checker, today: NaiveDate, offer: &dyn Offer) -> Option<Contract> {
        let rule = check.parsed("decision_rule", &self.decision_rule, "expected-listed", DecisionRule::parse);
        let copies = check.whole("report_copies", &self.report_copies, 1, 20);
        let wanted_on = check.optional_date("wanted_on", &self.wanted_on);
        let past = wanted_on.is_some_and(|date| date < today);
        check.add_if(past, || FIELD_INVALID.at("wanted_on").with_word("expected", "expected-coming-date"));
        let mut yes = |field: &str, given: &str| {
            check.optional(field, given, "expected-listed", YesNo::parse) == Some(YesNo::Yes)
        };
        let subcontracting = yes("subcontracting", &self.subcontracting);
        let return_remainder = yes("return_remainder", &self.return_remainder);
        let confidential = yes("confidential", &self.confidential);
        let signed_by = check.text("signed_by", &self.signed_by, 40);
        let standards = check.optional_text("limit_standards", &self.limit_standards, 200);
        let limit_standards =
            standards.split([';', '；']).map(str::trim).filter(|one| !one.is_empty()).map(str::to_owned).collect();
        let mut items = self.checked_items(check, offer);
        self.claim(check, offer, &mut items);
        self.concentrate(check, offer, &mut items);
        rule.zip(copies).map(|(decision_rule, copies)| Contract {
            items,
            limit_standards,
            decision_rule,
            report_copies: u32::try_from(copies).unwrap_or(1),
            wanted_on,
            subcontracting,
            return_remainder,
            confidential,
            signed_by,
        })
    }

    fn checked_items(&self, check: &mut Checker, offer: &dyn Offer) -> Vec<OrderedItem> {
        let given: Vec<&str> = self.items.iter().map(|item| item.trim()).filter(|item| !item.is_empty()).collect();
        check.add_if(given.is_empty(), || ITEMS_MISSING.at("items"));
        if given.len() > ITEMS_MOST {
            let expected = Fact::sentence("expected-count-between", [("low", 1.into()), ("high", ITEMS_MOST.into())]);
            check.add(FIELD_INVALID.at("items").with("expected", expected).with("least", 1).with("most", ITEMS_MOST));
            return Vec::new();
        }
        let mut items: Vec<OrderedItem> = Vec::new();
        for text in given {
            match read_item(text, offer) {
                Err(unknown) => check.add(ITEM_UNKNOWN.with("item", unknown).at("items")),
                Ok(item) if items.iter().any(|other| other.analyte == item.analyte) => {
                    check.add(ITEM_REPEATED.with("item", text.split('|').next().unwrap_or(text).trim()).at("items"));
                }
                Ok(item) => items.push(item),
            }
        }
        items
    }

    /// Gives the items what the label claims of them.
    fn claim(&self, check: &mut Checker, offer: &dyn Offer, items: &mut [OrderedItem]) {
        let text = check.optional_lines("label_claims", &self.label_claims, CLAIMS_MOST);
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (name, stated) = line.split_once(['|', '｜']).unwrap_or((line, ""));
            let analyte = offer.analyte(name.trim());
            match (items.iter_mut().find(|item| Some(&item.analyte) == analyte.as_ref()), Claim::parse(stated)) {
                (None, _) => check.add(ITEM_UNKNOWN.with("item", name.trim()).at("label_claims")),
                (_, None) => {
                    check.add(FIELD_INVALID.at("label_claims").with_word("expected", "expected-label-claim"));
                }
                (Some(item), _) if item.label_claim.is_some() => {
                    check.add(ITEM_REPEATED.with("item", name.trim()).at("label_claims"));
                }
                (Some(item), claim) => item.label_claim = claim,
            }
        }
    }

    /// Gives the items the factor of their product.
    fn concentrate(&self, check: &mut Checker, offer: &dyn Offer, items: &mut [OrderedItem]) {
        for (name, stated) in limit_factors(check, &self.limit_factors) {
            let analyte = offer.analyte(&name);
            match items.iter_mut().find(|item| Some(&item.analyte) == analyte.as_ref()) {
                None => check.add(ITEM_UNKNOWN.with("item", name).at("limit_factors")),
                Some(item) if item.limit_factor.is_some() => {
                    check.add(ITEM_REPEATED.with("item", name).at("limit_factors"));
                }
                Some(item) => item.limit_factor = Some(stated),
            }
        }
    }
}

/// Factors as they are written on an order or a receipt, by the names of their items.
pub(super) fn limit_factors(check: &mut Checker, text: &str) -> Vec<(String, StatedFactor)> {
    let lines = Lines {
        field: "limit_factors",
        text,
        most: FACTORS_MOST,
        // A source may bear a semicolon.
        ends: &['\n'],
        expected: "expected-item-factor",
    };
    lines.read(check, StatedFactor::parse)
}

/// An item as it is ordered: `analyte` or `analyte|method standard`.
///
/// # Errors
/// The part that the catalogue does not know.
pub fn read_item(text: &str, offer: &dyn Offer) -> Result<OrderedItem, String> {
    let (name, method) = text.split_once('|').unwrap_or((text, ""));
    let (name, method_standard) = (name.trim(), text::code(method));
    let analyte = offer.analyte(name).ok_or_else(|| name.to_owned())?;
    if !method_standard.is_empty() && !offer.has_method(&method_standard) {
        return Err(method_standard);
    }
    Ok(OrderedItem { analyte, method_standard, label_claim: None, limit_factor: None })
}

#[cfg(test)]
#[path = "order_tests.rs"]
mod tests;
