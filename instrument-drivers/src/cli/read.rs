//! `instrument-agent read`.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use serde::Serialize;

use super::Format;
use crate::observation::{Observation, Qualifier, Reading, Role};
use crate::profile::{Context, Profile, recognise};
use crate::unit;

/// See the exit codes in the module above.
pub fn read(file: &Path, profile: Option<&str>, format: Format) -> ExitCode {
    let bytes = match std::fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) => {
            eprintln!("{} cannot be read: {error}", file.display());
            return ExitCode::from(1);
        }
    };
    let context = Context { file_name: file.file_name().map(|name| name.to_string_lossy().into_owned()) };
    let profile = match profile {
        Some(name) => match Profile::load(name) {
            Ok(profile) => profile,
            Err(error) => {
                eprintln!("{error}");
                return ExitCode::from(1);
            }
        },
        None => match recognise::best(&bytes, &context) {
            Ok(profile) => {
                eprintln!("profile: {} ({})", profile.name, profile.title);
                profile
            }
            Err(nearest) => {
                eprintln!(
                    "no shipped profile fits {}; the nearest are {}; `instrument-agent suggest-profile` proposes one",
                    file.display(),
                    nearest.join(", ")
                );
                return ExitCode::from(2);
            }
        },
    };
    let reading = profile.read(&bytes, &context);
    for trouble in &reading.troubles {
        eprintln!("{trouble}");
    }
    if let Err(error) = print(&reading, format) {
        eprintln!("the values cannot be printed: {error}");
        return ExitCode::from(1);
    }
    match (reading.troubles.is_empty(), reading.observations.is_empty()) {
        (true, _) => ExitCode::SUCCESS,
        (false, true) => ExitCode::from(1),
        (false, false) => ExitCode::from(3),
    }
}

fn print(reading: &Reading, format: Format) -> std::io::Result<()> {
    let out = std::io::stdout().lock();
    match format {
        Format::Csv => {
            let mut writer = csv::Writer::from_writer(out);
            writer.write_record(["sample_id", "analyte", "value", "unit", "flag", "role", "line"])?;
            for one in &reading.observations {
                writer.write_record([
                    &one.sample_id,
                    &one.analyte,
                    &one.value,
                    &one.unit,
                    &one.flag,
                    one.role.name(),
                    &one.position,
                ])?;
            }
            writer.flush()
        }
        Format::Jsonl => {
            let mut out = std::io::BufWriter::new(out);
            for one in &reading.observations {
                serde_json::to_writer(&mut out, &Printed::of(one))?;
                out.write_all(b"\n")?;
            }
            out.flush()
        }
    }
}

/// One line of `jsonl`: the columns of `csv` under the same names, then what the program made of them. Every member is
/// always there; what is unknown is null.
#[derive(Serialize)]
struct Printed<'a> {
    sample_id: &'a str,
    analyte: &'a str,
    value: &'a str,
    unit: &'a str,
    flag: &'a str,
    role: Role,
    line: &'a str,
    raw: &'a str,
    number: Option<&'a str>,
    qualifier: Option<Qualifier>,
    bound: Option<&'a str>,
    unit_parsed: Option<String>,
    match_sample: &'a str,
    match_analyte: &'a str,
    completed_at: Option<&'a str>,
    replicate: Option<&'a str>,
    dilution: Option<&'a str>,
    dilution_applied: Option<bool>,
    reportable: bool,
}

impl<'a> Printed<'a> {
    fn of(one: &'a Observation) -> Self {
        Printed {
            sample_id: &one.sample_id,
            analyte: &one.analyte,
            value: &one.value,
            unit: &one.unit,
            flag: &one.flag,
            role: one.role,
            line: &one.position,
            raw: &one.raw,
            number: one.number.as_deref(),
            qualifier: one.qualifier,
            bound: one.bound.as_deref(),
            unit_parsed: unit::parse(&one.unit),
            match_sample: &one.match_sample,
            match_analyte: &one.match_analyte,
            completed_at: one.completed_at.as_deref(),
            replicate: one.replicate.as_deref(),
            dilution: one.dilution.as_deref(),
            dilution_applied: one.dilution_applied,
            reportable: one.reportable,
        }
    }
}
