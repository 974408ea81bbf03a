//! What a person begins with where nothing was understood: a profile that reads three columns, whatever they hold, to be corrected.

use super::tree_rows;
use super::writing::{DELIMITERS, quote};
use crate::table::workbook;

/// A profile of the first three columns. Nothing of it but the format is found in the bytes.
pub fn blank(bytes: &[u8]) -> String {
    let source = match (workbook::looks_like_workbook(bytes, &[]), tree_rows(bytes)) {
        (true, _) => "format = \"workbook\"\n".to_string(),
        (false, Some((format, rows))) => format!("format = \"{format}\"\n\n[tree]\nrows = {}\n", quote(&rows)),
        (false, None) => {
            let text = String::from_utf8_lossy(bytes);
            let signs = DELIMITERS.iter().filter(|word| word.len() == 1).copied();
            let sign = signs.max_by_key(|sign| text.matches(sign).count()).filter(|sign| text.contains(sign));
            let delimiter = sign.unwrap_or(if text.contains('\t') { "tab" } else { "gaps" });
            let encodings = "encoding = [\"utf-8\", \"gb18030\"]";
            format!("format = \"delimited\"\n\n[text]\n{encodings}\ndelimiter = {}\n", quote(delimiter))
        }
    };
    format!(
        "title = \"\"\nmaturity = \"draft\"\nsource = \"made from an example\"\n{source}\n[[table]]\nsample = \"{{#1}}\"\n\
         analyte = \"{{#2}}\"\nvalue = \"{{#3}}\"\n"
    )
}
