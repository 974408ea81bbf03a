//! Why a correction of a profile means nothing where it is made, as a code with the facts of the case.

use toml::Table;

use crate::trouble::{Kind, Reason, kinds};

kinds! {
    NOT_WRITTEN, "not-written", "{why}";
    KEY_EMPTY, "key-empty", "the key is empty";
    STEP_NO_TABLE, "step-no-table", "'{step}' in '{key}' is no table";
    KEY_NO_TABLE, "key-no-table", "{key} is no table";
    KEY_NO_LIST, "key-no-list", "{key} is no list";
    NO_COLUMNS, "no-columns", "this format has no columns to point at; correct the profile's text";
    NO_LINES, "no-lines", "only the lines of a text are cut at places";
    NEW_HEADER, "new-header", "another header needs a new proposal";
    NOT_POINTED_AT, "not-pointed-at", "this cannot be pointed at";
    CELL_EMPTY, "cell-empty", "the cell is empty";
    COLUMN_EMPTY, "column-empty", "no text stands in this column";
    FIELD_NEEDED, "field-needed", "the {field} is read from here: point at another column for it first";
    VALUES_NEEDED, "values-needed", "no column of values is left: point at another first";
    NO_SUCH_LINES, "no-such-lines", "point at a cell with a text by which such lines are known";
    NO_TYPES, "no-types", "{count} different texts stand in this column: they are no types of rows";
    NO_COLUMN_OF_TYPES, "no-column-of-types",
        "no column holds the types of the rows: point at one of its cells first";
    NO_SIGN, "no-sign", "point at a cell below the names, with the text that stands where a number would";
    SIGN_TOO_LONG, "sign-too-long", "the text has {bytes} bytes: one of more than {most} is a remark, no sign";
}

/// The keys of a profile.
pub(super) fn opened(profile: &str) -> Result<Table, Reason> {
    profile.parse().map_err(|error: toml::de::Error| NOT_WRITTEN.with("why", error.to_string()))
}

/// The text of a profile with these keys.
pub(super) fn written(whole: &Table) -> Result<String, Reason> {
    toml::to_string(whole).map_err(|error| NOT_WRITTEN.with("why", error.to_string()))
}
