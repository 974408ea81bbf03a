//! Workbooks written down as text.

/// An XLSX of `[Sheet]` lines and rows of cells between tabs; `\n` is a new line within a cell.
pub fn of(text: &str) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let mut at = None;
    for line in text.lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            book.add_worksheet().set_name(name).unwrap();
            at = Some(0);
            continue;
        }
        let row = at.unwrap();
        let sheet = book.worksheets_mut().last_mut().unwrap();
        for (column, cell) in line.split('\t').enumerate().filter(|(_, cell)| !cell.is_empty()) {
            match cell.parse::<f64>() {
                Ok(number) => sheet.write_number(row, column as u16, number).unwrap(),
                Err(_) => sheet.write_string(row, column as u16, cell.replace("\\n", "\n")).unwrap(),
            };
        }
        at = Some(row + 1);
    }
    book.save_to_buffer().unwrap()
}
