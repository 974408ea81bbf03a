//! A signed validation of the program on paper: the laboratory's evidence for its assessors.

use super::program::{SignedInFull, set_in_words};
use crate::app::Lis;
use crate::domain::refusal::{Fault, Outcome};
use crate::instruments::profiles::in_use::InUse;
use crate::pdf::documents::{Laboratory, ProgramValidation, ValidatedProfile};
use crate::web::language::Language;

/// The validation as a PDF; the same bytes whenever it is made.
pub async fn printed(lis: &Lis, found: SignedInFull, language: Language) -> Outcome<Vec<u8>> {
    let (typesetter, letterhead) = (lis.typesetter.clone(), lis.letterhead());
    let set = tokio::task::spawn_blocking(move || {
        let document = filled(&found, letterhead, language);
        typesetter.program_validation(&document, found.validation.at.utc()).map_err(Fault::broken)
    });
    set.await.map_err(Fault::broken)?
}

fn filled(found: &SignedInFull, laboratory: Laboratory, language: Language) -> ProgramValidation {
    let (signed, run) = (&found.validation, &found.run);
    ProgramValidation {
        language: language.into(),
        laboratory,
        number: signed.id.to_string(),
        program: signed.program.clone(),
        tables: signed.tables.clone(),
        catalogue: signed.catalogue.clone(),
        sets: found.sets.iter().map(|set| set_in_words(language, set)).collect(),
        run_file: run.file_name.clone(),
        run_sha256: run.sha256.clone(),
        run_questions: run.questions.to_string(),
        run_differing: run.differing.to_string(),
        run_at: run.at.to_string(),
        run_by: if run.by.is_empty() { language.text("validation-command-line") } else { run.by.clone() },
        profiles: found.profiles.iter().map(|one| profile(one, language)).collect(),
        remark: signed.remark.clone(),
        seen: signed.seen.clone(),
        signed_by: signed.by.clone(),
        signed_at: signed.at.to_string(),
    }
}

fn profile(one: &InUse, language: Language) -> ValidatedProfile {
    let regression = language.text(&format!("regression-{}", one.regression.replace('_', "-")));
    ValidatedProfile {
        reference: one.reference.clone(),
        maturity: language.text(&format!("maturity-{}", one.maturity)),
        instruments: one.instruments.clone(),
        regression,
    }
}
