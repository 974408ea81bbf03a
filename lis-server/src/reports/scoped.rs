//! Where the items of a report lie: in the accredited scope of the day or outside it, and whether a proficiency test puts
//! their methods in doubt; what else the gates find against a signer. Both signers meet the gates; the marks on the paper follow from it (`records.md` 5: a mark only if **every** item is in scope, else the items are marked).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::OUTSIDE_SCOPE;
use super::actions::{held_by_controls, naming, outside_field};
use super::store::confirmed::{self, NewConfirmation};
use super::store::gathered::{ItemFacts, SampleFacts};
use crate::accounts::Actor;
use crate::catalogue::Catalogue;
use crate::db::{Conn, Tx};
use crate::domain::ids::{ItemId, PersonId, ReportId};
use crate::domain::input::Checker;
use crate::domain::refusal::{Outcome, Reason, Reasons, Refusal};
use crate::quality::gates::WARNINGS_UNCONFIRMED;
use crate::quality::gates::actions::{self as gates, ConfirmationView};
use crate::quality::gates::state::{Finding, Gate, Mode, Passage};
use crate::quality::proficiency::doubts::Doubts;
use crate::quality::scope::actions::scope_on;
use crate::quality::scope::state::{Mark, ScopeOn, Tested};
use crate::samples::actions::Offered;
use crate::testing::actions::{Coverage, REVIEW};

/// Signing a report.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ReportSigningInput {
    /// Why the signer goes on in spite of warnings; needed where there are any.
    pub confirmation: String,
}

/// Longest reason, in characters.
const REASON_MOST: usize = 500;

impl ReportSigningInput {
    /// # Errors
    /// When the reason is too long or no text.
    pub fn checked(&self) -> Result<String, Refusal> {
        let mut check = Checker::new();
        let confirmation = check.optional_text("confirmation", &self.confirmation, REASON_MOST);
        check.done(Some(confirmation))
    }
}

/// What is read before a signature is written: the catalogue, which names things, and the scope of the day; with the
/// signer's reason to go past warnings.
pub struct Before {
    pub offered: Offered,
    scope: ScopeOn,
    doubts: Doubts,
    /// What the signer may review; none where nobody looks at it.
    reviewing: Option<Coverage>,
    on: NaiveDate,
    confirmation: String,
}

impl Before {
    pub fn read(conn: &mut Conn, (signer, on): (PersonId, NaiveDate), confirmation: String) -> Outcome<Self> {
        let scope = scope_on(conn, on)?;
        let doubts = Doubts::on(conn, scope.settings(), on)?;
        let reviewing = match scope.settings().mode(Gate::Review, on) {
            Mode::Off => None,
            Mode::Warn | Mode::Block => Some(Coverage::of(conn, &[signer], REVIEW, on)?),
        };
        Ok(Self { offered: Offered::current(conn)?, scope, doubts, reviewing, on, confirmation })
    }

    /// What is found against a review: methods that nothing authorizes its reviewer to review, and controls that hold items.
    pub fn of_reviewer(&self, by: &Actor, items: &[ItemFacts]) -> Vec<Finding> {
        let unauthorized = self.reviewing.iter().flat_map(|coverage| gaps(coverage, by, items));
        let unauthorized = unauthorized.map(|reason| (Gate::Review, reason));
        self.findings(unauthorized.chain(held(items)))
    }

    /// What is found against an authorization: items outside the signatory's field, and controls that hold items.
    pub fn of_signatory(&self, field: &[String], items: &[ItemFacts]) -> Vec<Finding> {
        let outside = outside_field(items, field).map(|reason| (Gate::Signatory, reason));
        self.findings(outside.into_iter().chain(held(items)))
    }

    fn findings(&self, found: impl Iterator<Item = (Gate, Reason)>) -> Vec<Finding> {
        found.map(|(gate, reason)| Finding { gate, on: self.on, reason }).collect()
    }

    /// Where the items lie. What another laboratory tested lies in that laboratory's scope, which was looked at when it was
    /// sent; it has a sign of its own on the paper, which bears no mark then. What is derived lies where its parts lie.
    pub fn scoped(&self, sample: &SampleFacts, items: &[ItemFacts]) -> Scoped {
        let catalogue = self.offered.whole();
        let items: Vec<&ItemFacts> = items.iter().filter(|item| !item.is_derived()).collect();
        let tested: Vec<Tested> = items.iter().map(|item| tested(catalogue, sample, item)).collect();
        let lies_outside =
            |(item, tested): &(&&ItemFacts, &Tested)| !item.is_subcontracted() && !self.scope.covers(tested);
        let outside = items.iter().zip(&tested).filter(lies_outside).map(|(item, _)| item.id).collect();
        Scoped { outside, marks: self.scope.marks(&tested) }
    }

    /// What the gates make of the items outside, of methods in doubt, and of what was `found` against this signer. An
    /// entrusted item outside may be tested all the same, with the client's consent (`quality.md`, Scope): it is marked on the
    /// report, and no gate is against it. What another laboratory tested says nothing of this one's proficiency.
    pub fn passage(
        &self,
        sample: &SampleFacts,
        items: &[ItemFacts],
        scoped: &Scoped,
        mut found: Vec<Finding>,
    ) -> Passage {
        let outside = || naming(OUTSIDE_SCOPE, items.iter().filter(|item| !scoped.covers(item)));
        let own = items.iter().filter(|item| !item.is_subcontracted());
        found.extend(self.doubts.findings(own.map(|item| item.method_standard.as_str())));
        self.scope.passage(if sample.is_entrusted() { None } else { outside() }, found)
    }

    /// Adds what blocks, and the warnings when the signer gives no reason to go past them.
    pub fn add_to(&self, passage: &Passage, reasons: &mut Reasons) {
        reasons.extend(passage.blocks.iter().cloned());
        if !passage.warnings.is_empty() && self.confirmation.is_empty() {
            reasons.extend(passage.warnings.iter().map(|warning| warning.clone().at("confirmation")));
            reasons.add(WARNINGS_UNCONFIRMED.at("confirmation"));
        }
    }

    /// Keeps with the report what the signer went past, and why, under the version that the signature makes.
    pub fn keep(&self, tx: &mut Tx, by: &Actor, (id, version): (ReportId, i64), warnings: &[Reason]) -> Outcome<()> {
        if warnings.is_empty() {
            return Ok(());
        }
        let (text, codes) = gates::as_kept(warnings)?;
        let row = NewConfirmation {
            report_id: id,
            version_no: version,
            warnings: &text,
            reason: &self.confirmation,
            person_id: by.person,
            at: tx.now,
        };
        confirmed::insert(tx.conn, &row)?;
        tx.log(
            by.entry("report", id.0, version, "warnings-confirmed")
                .set("warnings", codes)
                .set("reason", self.confirmation.as_str()),
        );
        Ok(())
    }
}

/// Why a person may not act on a report, for each of its methods.
pub(super) fn gaps(coverage: &Coverage, by: &Actor, items: &[ItemFacts]) -> Vec<Reason> {
    let mut methods: Vec<&str> = items.iter().map(|item| item.method_standard.as_str()).collect();
    methods.sort_unstable();
    methods.dedup();
    methods.into_iter().filter_map(|method| coverage.gap(by.person, &by.name, method)).collect()
}

fn held(items: &[ItemFacts]) -> Option<(Gate, Reason)> {
    held_by_controls(items).map(|reason| (Gate::Controls, reason))
}

/// What the signers of a report went past.
pub fn confirmations(conn: &mut Conn, of: ReportId) -> Outcome<Vec<ConfirmationView>> {
    let kept = confirmed::of_report(conn, of)?;
    gates::shown(conn, kept)
}

/// The items of one report against the scope.
#[derive(Clone, Default, Debug)]
pub struct Scoped {
    outside: Vec<ItemId>,
    pub marks: Vec<Mark>,
}

impl Scoped {
    /// Whether the laboratory is accredited for the item, or looks at no scope.
    pub fn covers(&self, item: &ItemFacts) -> bool {
        !self.outside.contains(&item.id)
    }
}

fn tested(catalogue: &Catalogue, sample: &SampleFacts, item: &ItemFacts) -> Tested {
    let method = catalogue.method(&item.method_key);
    Tested {
        analyte: catalogue.analyte_names(&item.analyte),
        standard: item.method_standard.clone(),
        edition: method.and_then(|row| row.edition),
        procedure: method.and_then(|row| row.procedure.clone()).unwrap_or_default(),
        food: catalogue.food_names(&sample.food_category),
    }
}
