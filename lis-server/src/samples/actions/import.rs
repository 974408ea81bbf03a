//! Storing imported forms: everything, or only the good rows by explicit choice. The same file again changes nothing.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::super::form::SamplingForm;
use super::super::import::{self, Mapping, Row};
use super::super::store::{self, NewImport};
use super::super::{FORM_NO_TAKEN, IMPORT_ROWS_BAD};
use super::create::{document_hash, new_form, new_sample, regions_of, registry};
use super::located::Located;
use super::references::References;
use super::repeated::Batches;
use super::samplers::Samplers;
use crate::accounts::May;
use crate::accounts::actions::unknown_regions;
use crate::accounts::role::ImportForms;
use crate::db::{Conn, Tx};
use crate::domain::clock::Moment;
use crate::domain::identifiers::RegionCode;
use crate::domain::refusal::{FIELD_INVALID, Fact, Fault, Outcome, Reason, Refusal};
use crate::web::Upload;

/// What to do with the rows of a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ImportMode {
    /// All rows; refused when one is bad.
    All,
    /// The good rows; the bad ones stay out.
    Good,
}

impl ImportMode {
    pub fn parse(code: &str) -> Result<Self, Refusal> {
        match code {
            "all" => Ok(Self::All),
            "good" => Ok(Self::Good),
            _ => Err(FIELD_INVALID.at("mode").with_word("expected", "expected-listed").into()),
        }
    }
}

/// What an import answers.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = FormsImported)]
pub struct Imported {
    pub imported: usize,
    /// Rows left out by choice.
    pub left_out: usize,
    /// This file was imported before: nothing was changed.
    pub already: bool,
}

/// A file as a dry run shows it: what each row would become, or why it would not.
pub struct DryRun {
    pub rows: Vec<Row>,
    /// When this very file was imported before.
    pub imported_at: Option<Moment>,
}

/// Reads a file and checks every row, also against what is stored, and finds who sampled. Changes nothing.
pub fn dry_run(conn: &mut Conn, file: &Upload, mapping: &str, now: Moment) -> Outcome<DryRun> {
    let mapping = Mapping::parse(mapping)?;
    let catalogue = super::catalogue(conn)?;
    let mut rows =
        super::around(&catalogue, now, |around| import::read(&file.file_name, &file.bytes, &mapping, around))?;
    let samplers = Samplers::read(conn, now.date_in_china())?;
    for form in rows.iter_mut().filter_map(|row| row.form.as_mut().ok()) {
        samplers.of_import(form);
    }
    let imported_at = store::import_of(conn, &file.sha256)?.map(|import| import.imported_at);
    if imported_at.is_none() {
        check_against_stored(conn, &mut rows, &mapping)?;
        let mut batches = Batches::of(conn, rows.iter().filter_map(|row| row.form.as_ref().ok()))?;
        rows.iter_mut().filter_map(|row| row.form.as_mut().ok()).for_each(|form| batches.doubt(form));
        let located = Located::of(conn, rows.iter().filter_map(|row| row.form.as_ref().ok()))?;
        rows.iter_mut().filter_map(|row| row.form.as_mut().ok()).for_each(|form| located.doubt(form));
    }
    Ok(DryRun { rows, imported_at })
}

/// Form numbers that are taken, regions that nobody knows, plans and draws that are not there. Two queries, and one each for
/// plans and draws where rows name any.
fn check_against_stored(conn: &mut Conn, rows: &mut [Row], mapping: &Mapping) -> Outcome<()> {
    let numbers: Vec<String> =
        rows.iter().filter_map(|row| row.form.as_ref().ok().map(|form| form.form_no.clone())).collect();
    let taken: HashSet<String> = store::taken_numbers(conn, &numbers)?.into_iter().collect();
    let regions: HashSet<RegionCode> = rows
        .iter()
        .filter_map(|row| row.form.as_ref().ok())
        .flat_map(|form| regions_of(form).into_iter().map(|(_, region)| region.clone()))
        .collect();
    let named: Vec<(&str, &RegionCode)> = regions.iter().map(|region| ("", region)).collect();
    let unknown: HashSet<String> = unknown_regions(conn, &named)?
        .into_iter()
        .flat_map(|reason| reason.facts)
        .filter_map(|(_, fact)| match fact {
            Fact::Text(code) => Some(code),
            Fact::Word(_) | Fact::Sentence(..) | Fact::Named { .. } => None,
        })
        .collect();
    let references = References::of(conn, rows.iter().filter_map(|row| row.form.as_ref().ok()))?;
    for row in rows {
        let Ok(form) = &row.form else { continue };
        let mut reasons: Vec<Reason> = references.reasons(form);
        if taken.contains(&form.form_no) {
            reasons.push(FORM_NO_TAKEN.with("form_no", &form.form_no).at("form_no"));
        }
        for (field, region) in regions_of(form) {
            if unknown.contains(region.as_str()) {
                reasons.push(crate::accounts::REGION_UNKNOWN.with("region", region).at(field));
            }
        }
        let reasons = import::placed(reasons, row.number, mapping);
        row.refuse(reasons);
    }
    Ok(())
}

/// Stores the rows of a file.
///
/// # Errors
/// `import-rows-bad` first and then the reasons of every bad row, when all rows were asked for and some are bad.
pub fn store_import(
    tx: &mut Tx,
    by: &May<ImportForms>,
    file: &Upload,
    mapping: &str,
    mode: ImportMode,
) -> Outcome<Imported> {
    if store::import_of(tx.conn, &file.sha256)?.is_some() {
        return Ok(Imported { already: true, ..Imported::default() });
    }
    let run = dry_run(tx.conn, file, mapping, tx.now)?;
    let bad: Vec<&Row> = run.rows.iter().filter(|row| !row.is_good()).collect();
    let left_out = bad.len();
    let good: Vec<SamplingForm> = run.rows.iter().filter_map(|row| row.form.as_ref().ok().cloned()).collect();
    if good.is_empty() || (mode == ImportMode::All && left_out > 0) {
        let mut reasons = vec![IMPORT_ROWS_BAD.with("count", left_out)];
        reasons.extend(bad.iter().filter_map(|row| row.form.as_ref().err()).flatten().cloned());
        return Err(Refusal { reasons, current: None }.into());
    }
    let registry = registry(tx, &good)?;
    let row = NewImport {
        file_name: &file.file_name,
        sha256: &file.sha256,
        mapping,
        row_count: i64::try_from(good.len()).map_err(Fault::broken)?,
        imported_by: by.person,
        imported_at: tx.now,
    };
    let import = store::insert_import(tx.conn, &row)?;
    let mut forms = Vec::with_capacity(good.len());
    for form in &good {
        let done_at = form.sampled_at.unwrap_or(tx.now);
        forms.push(new_form(tx.now, by, form, &registry, done_at, None, Some(import))?);
    }
    store::insert_forms(tx.conn, &forms)?;
    let stored = store::forms_of_import(tx.conn, import)?;
    let form_of = |number: &str| good.iter().find(|form| form.form_no == number);
    let samples: Vec<_> = stored
        .iter()
        .filter_map(|(id, number, _)| form_of(number).map(|form| new_sample(tx.now, *id, form, None)))
        .collect();
    store::insert_samples(tx.conn, &samples)?;
    for (_, number, sample) in store::forms_of_import(tx.conn, import)? {
        if let (Some(sample), Some(form)) = (sample, form_of(&number)) {
            tx.log(
                by.entry("sample", sample.0, 1, "sample-imported")
                    .set("form_no", number.as_str())
                    .set("sample_name", form.sample_name.as_str())
                    .set("file_sha256", file.sha256.as_str())
                    .set("document_sha256", document_hash(form)?),
            );
        }
    }
    tx.log(
        by.entry("form_import", import.0, 1, "forms-imported")
            .set("file_name", file.file_name.as_str())
            .set("file_sha256", file.sha256.as_str())
            .set("imported", good.len())
            .set("left_out", left_out),
    );
    Ok(Imported { imported: good.len(), left_out, already: false })
}

/// The mapping to offer: that of the last import, else the shipped one.
pub fn offered_mapping(conn: &mut Conn) -> Outcome<String> {
    let last = store::last_import(conn)?;
    Ok(last.map_or_else(|| import::SHIPPED.to_owned(), |import| import.mapping))
}
