//! Printed documents: data in, PDF bytes out.
//!
//! A [`Typesetter`] fills a [`Template`] with one of the structs of [`documents`] and returns a tagged PDF/A-2a file. The
//! typesetter is typst, in this process: no network, no packages, no file outside the template directory, which is read
//! once when the typesetter is made. The same data at the same time gives the same bytes, so a document can be
//! checked against its SHA-256 by making it again.
//!
//! `fonts.rs` has the embedded fonts and those of the machine, `world.rs` is all that a template can see, `text.rs` makes
//! any text printable, `codes.rs` draws QR and Code 128. The templates are in `assets/templates/`: `common.typ` is the look they
//! share, `labels.json` the printed words in Chinese and English.

mod codes;
pub mod documents;
mod fonts;
#[cfg(test)]
mod tests;
mod text;
mod world;

pub use codes::{Code128, QrCode};

use std::{collections::BTreeMap, fs, io, path::Path, path::PathBuf, sync::Arc};

use chrono::{DateTime, Datelike, Timelike, Utc};
use serde::Serialize;
use serde_json::Value;
use typst::diag::SourceDiagnostic;
use typst::foundations::{Bytes, Datetime, Smart};
use typst::syntax::{FileId, Source};
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

use documents::{
    DrawRecord, LabelSheet, ProgramValidation, QualityReport, RawRecord, RejectionNote, ResultNotice, TestReport,
};
use fonts::Fonts;
use world::DocumentWorld;

/// Where a laboratory keeps what is its own. Both are optional.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Files here replace the embedded templates of the same name, and further ones (a logo) may be used by them.
    /// Read once by [`Typesetter::new`], not its subfolders.
    pub template_directory: Option<PathBuf>,
    /// Fonts (`.ttf`, `.otf`, `.ttc`, also in subfolders) for characters that the embedded ones lack, for example
    /// `/usr/share/fonts`. A font's file is only kept in memory when a document needs it.
    pub font_directory: Option<PathBuf>,
}

/// The kinds of documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Template {
    /// 检验报告, filled by [`TestReport`].
    TestReport,
    /// 检验结果通知书, filled by [`ResultNotice`].
    ResultNotice,
    /// 拒收通知, filled by [`RejectionNote`].
    RejectionNote,
    /// 双随机抽取记录, filled by [`DrawRecord`].
    DrawRecord,
    /// Labels for containers, filled by [`LabelSheet`].
    LabelSheet,
    /// 原始记录, filled by [`RawRecord`].
    RawRecord,
    /// 质量报告, filled by [`QualityReport`].
    QualityReport,
    /// 软件确认记录, filled by [`ProgramValidation`].
    ProgramValidation,
}

impl Template {
    /// Every template.
    pub const ALL: [Template; 8] = [
        Self::TestReport,
        Self::ResultNotice,
        Self::RejectionNote,
        Self::DrawRecord,
        Self::LabelSheet,
        Self::RawRecord,
        Self::QualityReport,
        Self::ProgramValidation,
    ];

    /// The name of its file, also in a laboratory's template directory.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::TestReport => "test_report.typ",
            Self::ResultNotice => "result_notice.typ",
            Self::RejectionNote => "rejection_note.typ",
            Self::DrawRecord => "draw_record.typ",
            Self::LabelSheet => "label_sheet.typ",
            Self::RawRecord => "raw_record.typ",
            Self::QualityReport => "quality_report.typ",
            Self::ProgramValidation => "program_validation.typ",
        }
    }
}

/// Why there is no document.
#[derive(Debug, thiserror::Error)]
pub enum PdfError {
    /// A template is wrong, or asks for data that is not there.
    #[error(
        "Template {template}, line {line}: {reason}. Correct this file in the template directory, or remove it there \
         to use the built-in one."
    )]
    Template { template: String, line: usize, reason: String },
    /// The pages were set, but cannot be written as an archivable PDF.
    #[error("Template {template}: the pages cannot be written as PDF/A-2a: {reason}")]
    Export { template: &'static str, reason: String },
    /// A file or folder of the laboratory cannot be read.
    #[error("{what} {path} cannot be read: {source}. Check the setting and the rights of the folder.", path = path.display())]
    Unreadable { what: &'static str, path: PathBuf, source: io::Error },
    /// A file of the template directory is larger than a template or a logo can be.
    #[error("{path} has {size} bytes; a file in the template directory may have {MAX_FILE_BYTES}.", path = path.display())]
    TooLarge { path: PathBuf, size: u64 },
    /// A text that does not fit into a bar code.
    #[error("\"{text}\" cannot be drawn as {kind}: {reason}")]
    Code { kind: &'static str, text: String, reason: String },
    /// Data that is not representable as JSON; a struct of [`documents`] always is.
    #[error("The data of {template} cannot be handed to the template: {source}")]
    Data { template: &'static str, source: serde_json::Error },
}

/// Makes documents. Cheap to clone; made once at start, used from any thread.
#[derive(Clone)]
pub struct Typesetter {
    fonts: Arc<Fonts>,
    files: Arc<BTreeMap<String, Bytes>>,
}

impl Typesetter {
    /// Reads the laboratory's own templates and lists the machine's fonts. Fails on unreadable folders and on a template
    /// that does not parse, so that a slip shows at start and not with the first report.
    pub fn new(options: &Options) -> Result<Self, PdfError> {
        let mut files: BTreeMap<String, Bytes> =
            EMBEDDED.iter().map(|(name, text)| (name.to_string(), Bytes::from_string(*text))).collect();
        if let Some(directory) = &options.template_directory {
            let own = own_files(directory)?;
            for (name, bytes) in own.iter().filter(|(name, _)| name.ends_with(".typ")) {
                check_syntax(name, bytes)?;
            }
            files.extend(own);
        }
        let fonts = match &options.font_directory {
            None => Fonts::embedded(),
            Some(directory) => Fonts::with_machine(directory).map_err(unreadable("The font directory", directory))?,
        };
        Ok(Self { fonts: Arc::new(fonts), files: Arc::new(files) })
    }

    /// Sets a test report. A mark of accreditation is printed only when every item is in scope.
    pub fn test_report(&self, document: &TestReport, now: DateTime<Utc>) -> Result<Vec<u8>, PdfError> {
        let mut data = data_of(Template::TestReport, document)?;
        if !document.every_item_in_scope() {
            data["accreditations"] = Value::Array(Vec::new());
        }
        self.render(Template::TestReport, &data, now)
    }

    /// Sets a notice of result.
    pub fn result_notice(&self, document: &ResultNotice, now: DateTime<Utc>) -> Result<Vec<u8>, PdfError> {
        self.render(Template::ResultNotice, &data_of(Template::ResultNotice, document)?, now)
    }

    /// Sets the note that a sample was rejected.
    pub fn rejection_note(&self, document: &RejectionNote, now: DateTime<Utc>) -> Result<Vec<u8>, PdfError> {
        self.render(Template::RejectionNote, &data_of(Template::RejectionNote, document)?, now)
    }

    /// Sets the record of a double-random draw.
    pub fn draw_record(&self, document: &DrawRecord, now: DateTime<Utc>) -> Result<Vec<u8>, PdfError> {
        self.render(Template::DrawRecord, &data_of(Template::DrawRecord, document)?, now)
    }

    /// Sets container labels.
    pub fn label_sheet(&self, document: &LabelSheet, now: DateTime<Utc>) -> Result<Vec<u8>, PdfError> {
        self.render(Template::LabelSheet, &data_of(Template::LabelSheet, document)?, now)
    }

    /// Sets the raw record of a worksheet.
    pub fn raw_record(&self, document: &RawRecord, now: DateTime<Utc>) -> Result<Vec<u8>, PdfError> {
        self.render(Template::RawRecord, &data_of(Template::RawRecord, document)?, now)
    }

    /// Sets the quality report of a month or a year.
    pub fn quality_report(&self, document: &QualityReport, now: DateTime<Utc>) -> Result<Vec<u8>, PdfError> {
        self.render(Template::QualityReport, &data_of(Template::QualityReport, document)?, now)
    }

    /// Sets a signed validation of the program.
    pub fn program_validation(&self, document: &ProgramValidation, now: DateTime<Utc>) -> Result<Vec<u8>, PdfError> {
        self.render(Template::ProgramValidation, &data_of(Template::ProgramValidation, document)?, now)
    }

    /// Sets `data` in `template` and returns the bytes of a PDF/A-2a file.
    ///
    /// `data` is seen by the template as the file `data.json`; text in it is never read as markup. `now` is the file's creation time
    /// and the template's `datetime.today()`: for a document that must be the same when made again, it is the time of its
    /// authorization and not that of the clock.
    pub fn render(&self, template: Template, data: &Value, now: DateTime<Utc>) -> Result<Vec<u8>, PdfError> {
        let name = template.file_name();
        let (bytes, warnings) = self.set(name, data, now)?;
        for warning in warnings {
            tracing::warn!(template = name, "A document was made, but {warning}");
        }
        Ok(bytes)
    }

    /// The file, and what the typesetter found odd. The built-in templates give it no reason.
    fn set(&self, name: &'static str, data: &Value, now: DateTime<Utc>) -> Result<(Vec<u8>, Vec<String>), PdfError> {
        let mut data = data.clone();
        let unknown = text::make_printable(&mut data, |c| self.fonts.have(c));
        let today = datetime(now);
        let world = DocumentWorld::new(&self.fonts, &self.files, file_id(name)?, &data, today);
        let set = typst::compile(&world);
        let document = set.output.map_err(|errors| template_error(name, &world, &errors))?;
        let options = PdfOptions {
            ident: Smart::Custom(format!("{name} {}", world.data_text())),
            creator: Smart::Custom(Some(CREATOR.into())),
            timestamp: today.map(Timestamp::new_utc),
            standards: archive_standard(name)?,
            ..PdfOptions::default()
        };
        let bytes = typst_pdf::pdf(&document, &options).map_err(|errors| PdfError::Export {
            template: name,
            reason: errors.iter().map(reason_of).collect::<Vec<_>>().join("; "),
        })?;
        // The typesetter remembers the layout of parts; what was not used for a few documents is forgotten.
        typst::comemo::evict(KEEP_LAYOUTS_FOR);
        let without_font =
            unknown.iter().map(|c| format!("no font has U+{:04X}: configure a font directory", u32::from(*c)));
        let warnings = set.warnings.iter().map(reason_of).chain(without_font).collect();
        Ok((bytes, warnings))
    }

    /// The characters of `data` for which there is no font: they would be printed as `〓U+XXXX`. Whoever
    /// signs a document can be asked before it is made.
    pub fn unprintable(&self, data: &impl Serialize) -> Vec<char> {
        let mut data = serde_json::to_value(data).unwrap_or_default();
        text::make_printable(&mut data, |c| self.fonts.have(c))
    }
}

/// The time as the typesetter writes it.
fn datetime(time: DateTime<Utc>) -> Option<Datetime> {
    let small = |number: u32| u8::try_from(number).ok();
    Datetime::from_ymd_hms(
        time.year(),
        small(time.month())?,
        small(time.day())?,
        small(time.hour())?,
        small(time.minute())?,
        small(time.second())?,
    )
}

fn data_of(template: Template, document: &impl Serialize) -> Result<Value, PdfError> {
    serde_json::to_value(document).map_err(|source| PdfError::Data { template: template.file_name(), source })
}

/// The files of a laboratory's template directory.
fn own_files(directory: &Path) -> Result<Vec<(String, Bytes)>, PdfError> {
    let read = unreadable("The template directory", directory);
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).map_err(&read)? {
        let path = entry.map_err(&read)?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            continue;
        };
        let known = path.extension().and_then(|end| end.to_str()).is_some_and(|end| OWN_FILES.contains(&end));
        if !known || !path.is_file() {
            continue;
        }
        let size = fs::metadata(&path).map_err(unreadable("The template file", &path))?.len();
        if size > MAX_FILE_BYTES {
            return Err(PdfError::TooLarge { path, size });
        }
        let bytes = fs::read(&path).map_err(unreadable("The template file", &path))?;
        files.push((name.to_string(), Bytes::new(bytes)));
    }
    Ok(files)
}

fn unreadable(what: &'static str, path: &Path) -> impl Fn(io::Error) -> PdfError {
    let path = path.to_path_buf();
    move |source| PdfError::Unreadable { what, path: path.clone(), source }
}

fn check_syntax(name: &str, bytes: &Bytes) -> Result<(), PdfError> {
    let wrong = |line, reason| Err(PdfError::Template { template: name.to_string(), line, reason });
    let Ok(text) = bytes.as_str() else {
        return wrong(1, "the file is not UTF-8".to_string());
    };
    let source = Source::new(file_id(name)?, text.to_string());
    let (errors, _) = source.root().errors_and_warnings();
    match errors.first() {
        None => Ok(()),
        Some(error) => wrong(world::line_in(&source, error.span), error.message.to_string()),
    }
}

fn file_id(name: &str) -> Result<FileId, PdfError> {
    world::file_id(name).map_err(|error| PdfError::Template {
        template: name.to_string(),
        line: 1,
        reason: format!("the file cannot have this name: {error}"),
    })
}

/// The first error, with the place in the file where it arose.
fn template_error(name: &str, world: &DocumentWorld, errors: &[SourceDiagnostic]) -> PdfError {
    let Some(error) = errors.first() else {
        return PdfError::Template { template: name.into(), line: 1, reason: "unknown error".into() };
    };
    let (template, line) = world.place_of(error).unwrap_or_else(|| (name.to_string(), 1));
    PdfError::Template { template, line, reason: reason_of(error) }
}

fn reason_of(error: &SourceDiagnostic) -> String {
    let hints = error.hints.iter().map(|hint| format!(" ({})", hint.v));
    format!("{}{}", error.message, hints.collect::<String>())
}

fn archive_standard(template: &'static str) -> Result<PdfStandards, PdfError> {
    PdfStandards::new(&[PdfStandard::A_2a])
        .map_err(|reason| PdfError::Export { template, reason: reason.message().to_string() })
}

/// The built-in files by name.
const EMBEDDED: [(&str, &str); 10] = [
    ("common.typ", include_str!("../../assets/templates/common.typ")),
    ("labels.json", include_str!("../../assets/templates/labels.json")),
    ("test_report.typ", include_str!("../../assets/templates/test_report.typ")),
    ("result_notice.typ", include_str!("../../assets/templates/result_notice.typ")),
    ("rejection_note.typ", include_str!("../../assets/templates/rejection_note.typ")),
    ("draw_record.typ", include_str!("../../assets/templates/draw_record.typ")),
    ("label_sheet.typ", include_str!("../../assets/templates/label_sheet.typ")),
    ("raw_record.typ", include_str!("../../assets/templates/raw_record.typ")),
    ("quality_report.typ", include_str!("../../assets/templates/quality_report.typ")),
    ("program_validation.typ", include_str!("../../assets/templates/program_validation.typ")),
];

/// Endings of files that a template can use.
const OWN_FILES: [&str; 6] = ["typ", "json", "svg", "png", "jpg", "jpeg"];

/// Bytes of one file of the template directory: a generous logo. All files stay in memory.
const MAX_FILE_BYTES: u64 = 4 * 1024 * 1024;

/// Documents. The shared parts (fonts, labels, header) are used by each and so stay; the rest is private to one document.
const KEEP_LAYOUTS_FOR: usize = 3;

/// What the file's properties name as its maker. Without a version, which would change the bytes of an old document.
const CREATOR: &str = "lis-server";
