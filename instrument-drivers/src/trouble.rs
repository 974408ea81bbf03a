//! Why something of a source cannot be read: a code and the facts of the case. The sentences are those of the command line; who
//! speaks to people in other languages has words for each code.

use std::fmt;

/// One way in which reading fails.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// Stable: what it is called wherever it is kept or put into other words.
    pub code: &'static str,
    /// The sentence, its facts in braces. One whose name ends in `_zh` is for who speaks Chinese, and left out here.
    pub says: &'static str,
}

impl Kind {
    /// A reason with a fact that the sentence names.
    pub fn with(&'static self, name: &'static str, fact: impl Into<String>) -> Reason {
        Reason::from(self).with(name, fact)
    }

    /// The names of the facts, in the order of the sentence.
    pub fn facts(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.says.split('{').skip(1).filter_map(|behind| behind.split_once('}')).map(|(name, _)| name)
    }

    /// The kind of a code.
    pub fn of(code: &str) -> Option<&'static Kind> {
        ALL.iter().copied().find(|kind| kind.code == code)
    }
}

/// Why something cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    kind: &'static Kind,
    facts: Vec<(&'static str, String)>,
}

impl Reason {
    pub fn code(&self) -> &'static str {
        self.kind.code
    }

    /// What it is about, each under the name by which a sentence names it.
    pub fn facts(&self) -> &[(&'static str, String)] {
        &self.facts
    }

    pub fn with(mut self, name: &'static str, fact: impl Into<String>) -> Reason {
        self.facts.push((name, fact.into()));
        self
    }

    fn fact(&self, name: &str) -> &str {
        self.facts.iter().find(|(known, _)| *known == name).map_or("", |(_, fact)| fact)
    }
}

impl From<&'static Kind> for Reason {
    fn from(kind: &'static Kind) -> Reason {
        Reason { kind, facts: Vec::new() }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.kind.says;
        while let Some((before, behind)) = rest.split_once('{') {
            let (name, after) = behind.split_once('}').unwrap_or((behind, ""));
            f.write_str(before)?;
            f.write_str(if name.ends_with("_zh") { "" } else { self.fact(name) })?;
            rest = after;
        }
        f.write_str(rest)
    }
}

macro_rules! kinds {
    ($($name:ident, $code:literal, $says:expr;)+) => {
        $(pub static $name: Kind = Kind { code: $code, says: $says };)+

        /// All of them.
        pub static ALL: &[&Kind] = &[$(&$name),+];
    };
}

pub(crate) use kinds;

// The bytes of a source, and its text.
kinds! {
    NOT_READ, "not-read", "{why}";
    NOT_ENCODED, "not-encoded",
        "the bytes are not {encodings}; declare the encoding of this source in [text] encoding";
    NOT_ENCODED_AT, "not-encoded-at",
        "the bytes are not {encodings}: in line {line} the byte {byte} (byte {at} of all) is no part of a character; \
         declare the encoding of this source in [text] encoding";
    NEARLY_ENCODED, "nearly-encoded",
        "the bytes are {encoding} but for some of them; repair the file, or let the profile read it all the same: [text] \
         lossy = true";
    LINE_DAMAGED, "line-damaged", "some bytes of this line are no characters and are read as U+FFFD";
    LINES_DAMAGED, "lines-damaged", "{count} lines have bytes that are no characters";
    QUOTE_OPEN, "quote-open",
        "a quote opens in this line and is not closed; it is read as an ordinary character, and the lines behind it as lines. \
         Close it, or write quote = \"\" in [text] of the profile";
    DELIMITER_DOUBTFUL, "delimiter-doubtful",
        "this source is read without a trouble with each of the delimiters {delimiters}, and its values differ; name the \
         one that is right";

    // Workbooks.
    WORKBOOK_UNREADABLE, "workbook-unreadable", "this is no readable workbook: {why}";
    WORKBOOK_DAMAGED, "workbook-damaged",
        "the workbook is damaged: {why}. Open it and save it anew, or export it as CSV";
    CONTENT_DAMAGED, "content-damaged", "content.xml of the workbook is damaged: {why}";
    WORKBOOK_ENCRYPTED, "workbook-encrypted",
        "the workbook is protected by a password. Save it without one, or export it as CSV";
    WORKBOOK_TOO_LARGE, "workbook-too-large",
        "the workbook is more than {most} MiB when it is unpacked, counted up to its part {part}, and no export of an \
         instrument is. Export it anew with fewer rows, or as CSV, which is read in pieces";
    PART_TEXTS_TOO_LONG, "part-texts-too-long",
        "the texts of {part} are more than {most} MiB, each counted as often as it stands in a cell, and no export of an \
         instrument has so many. Export it anew with fewer rows, or as CSV, which is read in pieces";
    SHEET_TEXTS_TOO_LONG, "sheet-texts-too-long",
        "the texts of sheet {sheet} are more than {most} MiB, each counted as often as it stands in a cell, and no export of \
         an instrument has so many. Export it anew with fewer rows, or as CSV, which is read in pieces";
    SHEET_TOO_FAR, "sheet-too-far",
        "sheet {sheet}: its cells reach from {from} to {to} and are {cells} with those between; of a workbook {most} are \
         read in all. Delete what stands far away from the table (Ctrl+End goes to the last cell), or save the sheet as \
         XLSX or CSV";
    SHEET_TOO_LARGE, "sheet-too-large",
        "sheet {sheet}: it has more than {most} cells, which no export of an instrument has";
    SHEET_UNREADABLE, "sheet-unreadable", "sheet {sheet}: {why}";
    FORMULA_WITHOUT_RESULT, "formula-without-result",
        "the cell holds a formula whose result is not in the file (such cells in this sheet: {count}); open the workbook \
         in a spreadsheet program, save it and take that";
    NO_SHEET, "no-sheet", "the workbook has none of the sheets that the profile reads";

    // Trees.
    NO_JSON, "no-json", "this is no JSON: {why}";
    JSON_EMPTY, "json-empty", "this is no JSON: it is empty";
    JSON_TOO_DEEP, "json-too-deep", "the JSON is nested deeper than {most}";
    NO_XML, "no-xml", "this is no XML: {why}";
    XML_NOT_CLOSED, "xml-not-closed", "this is no XML: it ends inside an element";
    XML_CLOSED_TOO_OFTEN, "xml-closed-too-often", "this is no XML: an end tag too many";
    XML_TOO_DEEP, "xml-too-deep", "the XML is nested deeper than {most}";
    PATH_TOO_LARGE, "path-too-large",
        "the rows at {path} have more than {most} cells together; is this the right path?";

    // Tables.
    TOO_LARGE_TO_TURN, "too-large-to-turn",
        "a table of {columns} columns and {rows} rows is too large to be turned round";
    NO_SECTION, "no-section", "table {table}: no line starts its section; is this the right profile?";
    NO_HEADER, "no-header", "table {table}: no header row was found with the columns {columns}";
    HEADER_UNMET, "header-unmet",
        "table {table}: no header row was found; header.matches are asked of its cells, and values have to stand below it";
    HEADER_WITH_GAPS, "header-with-gaps",
        "table {table}: no header row was found with the columns {columns}; the row at {place} has all but {missing}";
    HEADER_UNFIT, "header-unfit",
        "table {table}: no header row was found with the columns {columns}; the row at {place} has them, but not what else \
         header and columns ask for";
    SECTION_WITHOUT_HEADER, "section-without-header",
        "the section that begins here has no header row with the columns {columns}; its rows are not read";
    MORE_CELLS_THAN_HEADINGS, "more-cells-than-headings",
        "the row has more cells than its header: {cells} and {headings}; is a sign within a number taken for a delimiter? Its \
         values may stand in the wrong columns";
    HEADER_NUMBERS, "header-numbers",
        "table {table}: no header row was found with the columns {columns}; the row at {place} has them, but beside them no \
         heading that is a word; where numbers are headings, name one of them in header.names";
    COLUMNS_UNCLEAR, "columns-unclear",
        "a text runs over its column, so that it cannot be told what belongs where; give cut as a list of characters";
    SAID_BY_PROFILE, "said-by-profile", "{said}{said_zh}";

    // Values.
    NO_SAMPLE, "no-sample", "no sample for the value '{value}' of '{analyte}'";
    NO_ANALYTE, "no-analyte", "no analyte for the value '{value}' of sample '{sample}'";
    KEY_TWOFOLD, "key-twofold",
        "key '{key}' of '{store}' stands for '{one}' and for '{other}', and nothing says which is meant";
    UNKNOWN_ROLE, "unknown-role",
        "'{role}' is no role; the profile must map it to one of {known}, or give a default";
    UNLIKELY_VALUE, "unlikely-value",
        "'{value}' ({analyte}) is not a value as this instrument prints them; look at the raw record";
    VALUE_MISFIT, "value-misfit", "the pattern of {key} does not fit '{text}'";
    NUMBER_NOT_AS_DECLARED, "number-not-as-declared",
        "'{number}' is not a number with decimal mark '{mark}' and no thousands separator; if this source prints numbers so, \
         declare it in the profile";
    NUMBER_NOT_GROUPED, "number-not-grouped",
        "'{number}' is not a number with decimal mark '{mark}' and thousands separator '{separator}'; if this source prints \
         numbers so, declare it in the profile";
    EXPONENT_TOO_LARGE, "exponent-too-large", "'{number}' has an exponent beyond {most}";

    // Messages.
    FRAME_NOT_COMPLETE, "frame-not-complete",
        "damaged: the last frame is not complete; the message needs a re-send or a person";
    FRAME_TOO_LONG, "frame-too-long",
        "damaged: the frame is longer than 1 MiB; the message needs a re-send or a person";
    FRAME_IN_FRAME, "frame-in-frame",
        "damaged: a new frame began inside a frame; the message needs a re-send or a person";
    FRAME_CHECK_SUM, "frame-check-sum",
        "damaged: frame {frame} has a wrong check sum; the message needs a re-send or a person";
    FRAME_OUT_OF_TURN, "frame-out-of-turn",
        "damaged: frame {frame} came where {due} was due; the message needs a re-send or a person";
    FRAME_NO_RECORD, "frame-no-record",
        "damaged: frame {frame} is not one whole record although its check sum is right; the message needs a re-send or a \
         person";
    MESSAGE_ABORTED, "message-aborted",
        "the sender or receiver aborted this message (L record); it is not filed";
    MESSAGE_NOT_COMPLETE, "message-not-complete", "the message has no H or no L record: it is not complete";
    QUESTION_UNCLEAR, "question-unclear",
        "the question names no sample where it is looked for; say in records.query where it stands";
    NO_HL7, "no-hl7", "no MSH segment: this is no HL7 message";
    NO_VIDAS, "no-vidas", "no STX: this is no VIDAS message";
    VIDAS_NOT_COMPLETE, "vidas-not-complete", "no GS: the check sum is missing";
    VIDAS_CHECK_SUM, "vidas-check-sum", "wrong check sum '{found}', computed {expected}";
    VIDAS_TAG_AGAIN, "vidas-tag-again",
        "the tag {tag} stands again: the message may hold several results, and it is not known what belongs to which; look \
         at the raw record";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_has_the_facts_of_the_case() {
        let reason = NO_SAMPLE.with("analyte", "{value}").with("value", "0.1");
        assert_eq!(reason.to_string(), "no sample for the value '0.1' of '{value}'");
        assert_eq!(NO_SAMPLE.facts().collect::<Vec<_>>(), ["value", "analyte"]);
        assert_eq!(SAID_BY_PROFILE.with("said", "overload").with("said_zh", "超载").to_string(), "overload");
        assert_eq!(Reason::from(&NO_HL7).to_string(), "no MSH segment: this is no HL7 message");
    }

    #[test]
    fn a_code_has_one_kind() {
        for kind in ALL {
            assert_eq!(Kind::of(kind.code), Some(*kind));
            assert!(ALL.iter().filter(|other| other.code == kind.code).count() == 1, "{}", kind.code);
        }
        assert_eq!(Kind::of("no-such"), None);
    }
}
