//! All that a template can see: its own files, the data, the fonts, the date. Anything else is "not found".

use std::collections::BTreeMap;

use serde_json::Value;
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{DiagSpan, DiagSpanKind, FileId, PathError, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World, WorldExt};

use super::fonts::Fonts;

/// The surroundings of one document.
pub(super) struct DocumentWorld<'a> {
    fonts: &'a Fonts,
    files: &'a BTreeMap<String, Bytes>,
    main: FileId,
    data: Bytes,
    today: Option<Datetime>,
}

impl<'a> DocumentWorld<'a> {
    pub(super) fn new(
        fonts: &'a Fonts,
        files: &'a BTreeMap<String, Bytes>,
        main: FileId,
        data: &Value,
        today: Option<Datetime>,
    ) -> Self {
        Self { fonts, files, main, data: Bytes::from_string(data.to_string()), today }
    }

    /// The data as JSON text.
    pub(super) fn data_text(&self) -> &str {
        self.data.as_str().unwrap_or_default()
    }

    /// File name and line of an error; the place of the innermost call when the error itself has none.
    pub(super) fn place_of(&self, error: &SourceDiagnostic) -> Option<(String, usize)> {
        let calls = error.trace.iter().map(|call| DiagSpan::from(call.span));
        std::iter::once(error.span).chain(calls).find_map(|span| {
            let id = span.id()?;
            let bytes = self.file(id).ok()?;
            let start = self.range(span)?.start;
            Some((id.vpath().get_without_slash().to_string(), line_at(bytes.as_str().ok()?, start)))
        })
    }
}

impl World for DocumentWorld<'_> {
    fn library(&self) -> &LazyHash<Library> {
        static LIBRARY: std::sync::OnceLock<LazyHash<Library>> = std::sync::OnceLock::new();
        LIBRARY.get_or_init(|| LazyHash::new(Library::default()))
    }

    fn book(&self) -> &LazyHash<FontBook> {
        self.fonts.book()
    }

    fn main(&self) -> FileId {
        self.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        let text = self.file(id)?.as_str().map_err(|_| FileError::InvalidUtf8)?.to_string();
        Ok(Source::new(id, text))
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        let name = id.vpath().get_without_slash();
        match id.root() {
            VirtualRoot::Project if name == DATA => Ok(self.data.clone()),
            VirtualRoot::Project => self.files.get(name).cloned().ok_or_else(|| FileError::NotFound(name.into())),
            VirtualRoot::Package(_) => Err(FileError::AccessDenied),
        }
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.font(index)
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        self.today
    }
}

/// The typesetter's name for a template file. Fails for names with a backslash or the like.
pub(super) fn file_id(name: &str) -> Result<FileId, PathError> {
    Ok(RootedPath::new(VirtualRoot::Project, VirtualPath::new(name)?).intern())
}

/// The line, from 1, of a place in a source; 1 when it has none.
pub(super) fn line_in(source: &Source, span: DiagSpan) -> usize {
    let start = match span.get() {
        DiagSpanKind::Detached => None,
        DiagSpanKind::Number { num, sub_range, .. } => source.range(num, sub_range).map(|range| range.start),
        DiagSpanKind::Range { range, .. } => Some(range.start),
    };
    start.map_or(1, |start| line_at(source.text(), start))
}

fn line_at(text: &str, byte: usize) -> usize {
    text.bytes().take(byte).filter(|byte| *byte == b'\n').count() + 1
}

/// The file in which a template finds its data.
const DATA: &str = "data.json";
