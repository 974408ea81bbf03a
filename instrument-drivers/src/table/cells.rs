//! The cells of one row, in one buffer that is filled again and again.
//!
//! They stand joined by tabs, because that is how a row is matched by patterns and kept as evidence: the row as one text
//! then costs nothing.

/// Cells of one row. They keep their blanks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cells {
    line: String,
    /// Where each cell ends in `line`; the next one begins behind the tab.
    ends: Vec<usize>,
}

impl Cells {
    pub fn clear(&mut self) {
        self.line.clear();
        self.ends.clear();
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    pub fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)?;
        let from = if index == 0 { 0 } else { self.ends[index - 1] + 1 };
        self.line.get(from..end)
    }

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let mut from = 0;
        self.ends.iter().map(move |end| {
            let cell = self.line.get(from..*end).unwrap_or("");
            from = end + 1;
            cell
        })
    }

    /// The row as one text: cells joined by tabs.
    pub fn line(&self) -> &str {
        &self.line
    }

    pub fn push(&mut self, cell: &str) {
        self.open();
        self.add(cell);
        self.close();
    }

    /// A cell may also come in pieces: [`open`](Self::open), any number of these, [`close`](Self::close).
    pub(super) fn add(&mut self, piece: &str) {
        self.line.push_str(piece);
    }

    pub(super) fn open(&mut self) {
        if !self.ends.is_empty() {
            self.line.push('\t');
        }
    }

    /// Takes back what was added since the cell was opened.
    pub(super) fn reopen(&mut self) {
        self.line.truncate(self.ends.last().map_or(0, |end| end + 1));
    }

    pub(super) fn close(&mut self) {
        self.ends.push(self.line.len());
    }
}

impl<T: AsRef<str>> Extend<T> for Cells {
    fn extend<I: IntoIterator<Item = T>>(&mut self, cells: I) {
        cells.into_iter().for_each(|cell| self.push(cell.as_ref()));
    }
}

impl<T: AsRef<str>> FromIterator<T> for Cells {
    fn from_iter<I: IntoIterator<Item = T>>(cells: I) -> Self {
        let mut row = Cells::default();
        row.extend(cells);
        row
    }
}
