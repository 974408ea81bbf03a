//! Two readings of one message side by side: which row of the later one stands for which of the earlier one. Pure.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use super::store::ObservationRow;

/// A row as both readings have it; one that only one of them has stands alone.
#[derive(Clone, Copy, Debug)]
pub struct Pair<'r> {
    pub old: Option<&'r ObservationRow>,
    pub new: Option<&'r ObservationRow>,
}

/// What of a pair differs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Change {
    Same,
    Differs,
    /// Only the later reading has it.
    Added,
    /// Only the earlier reading had it.
    Gone,
}

impl Change {
    pub fn code(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Differs => "differs",
            Self::Added => "added",
            Self::Gone => "gone",
        }
    }
}

/// What was read in a row: sample, analyte, value, unit, flag, role. What became of it is another matter.
pub fn texts(row: &ObservationRow) -> [Cow<'_, str>; 6] {
    // The same print is another number by other marks.
    let value = match row.number.as_deref() {
        Some(number) if number != row.value => Cow::Owned(format!("{} = {number}", row.value)),
        _ => Cow::Borrowed(row.value.as_str()),
    };
    let [sample, analyte, unit, flag, role] =
        [&row.sample_ref, &row.analyte_ref, &row.unit, &row.flag, &row.role].map(|text| Cow::Borrowed(text.as_str()));
    [sample, analyte, value, unit, flag, role]
}

impl Pair<'_> {
    pub fn change(&self) -> Change {
        match (self.old, self.new) {
            (Some(old), Some(new)) if texts(old) == texts(new) => Change::Same,
            (Some(_), Some(_)) => Change::Differs,
            (None, _) => Change::Added,
            (Some(_), None) => Change::Gone,
        }
    }

    /// Where the row stands in the message.
    pub fn place(&self) -> &str {
        self.new.or(self.old).map_or("", |row| &row.source_place)
    }
}

/// Pairs of rows that stand at the same place of the message: first those that say the same, then those of the same analyte,
/// then the others in their order. In the order of the later reading; what only the earlier one had comes last.
pub fn pairs<'r>(old: &'r [ObservationRow], new: &'r [ObservationRow]) -> Vec<Pair<'r>> {
    let mut by_place: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, row) in old.iter().enumerate() {
        by_place.entry(&row.source_place).or_default().push(at);
    }
    let mut partner: Vec<Option<usize>> = vec![None; new.len()];
    let mut taken: BTreeSet<usize> = BTreeSet::new();
    let alike: [fn(&ObservationRow, &ObservationRow) -> bool; 3] =
        [|a, b| texts(a) == texts(b), |a, b| a.analyte_ref == b.analyte_ref, |_, _| true];
    for fits in alike {
        for (row, place) in new.iter().zip(&mut partner).filter(|(_, place)| place.is_none()) {
            let mut near = by_place.get(row.source_place.as_str()).into_iter().flatten().copied();
            let found = near.find(|at| !taken.contains(at) && old.get(*at).is_some_and(|one| fits(one, row)));
            taken.extend(found);
            *place = found;
        }
    }
    let both = new.iter().zip(partner).map(|(row, at)| Pair { old: at.and_then(|at| old.get(at)), new: Some(row) });
    let gone = old.iter().enumerate().filter(|(at, _)| !taken.contains(at));
    both.chain(gone.map(|(_, row)| Pair { old: Some(row), new: None })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{MessageId, ObservationId};

    fn row(place: &str, sample: &str, analyte: &str, value: &str) -> ObservationRow {
        ObservationRow {
            id: ObservationId(1),
            version: 1,
            message_id: MessageId(1),
            ordinal: 1,
            sample_ref: sample.into(),
            analyte_ref: analyte.into(),
            value: value.into(),
            number: None,
            qualifier: String::new(),
            unit: "mg/L".into(),
            flag: String::new(),
            role: "sample".into(),
            source_place: place.into(),
            state: "held".into(),
            reason: String::new(),
            reading_no: 1,
            bound: None,
        }
    }

    fn seen(old: &[ObservationRow], new: &[ObservationRow]) -> Vec<(String, &'static str, String, String)> {
        let value = |row: Option<&ObservationRow>| row.map_or_else(String::new, |row| row.value.clone());
        let one = |pair: &Pair| (pair.place().to_owned(), pair.change().code(), value(pair.old), value(pair.new));
        pairs(old, new).iter().map(one).collect()
    }

    #[test]
    fn rows_of_the_same_place_stand_beside_each_other() {
        // The earlier profile took the column of cadmium for lead and did not see the last line.
        let old = [row("2", "A", "Pb", "1.0"), row("2", "A", "Zn", "7"), row("3", "A", "Pb", "2.0")];
        let new = [row("2", "A", "Cd", "1.0"), row("2", "A", "Zn", "7"), row("4", "B", "Cd", "3.0")];
        let line =
            |place: &str, change, old: &str, new: &str| (place.to_owned(), change, old.to_owned(), new.to_owned());
        let expected = [
            line("2", "differs", "1.0", "1.0"),
            line("2", "same", "7", "7"),
            line("4", "added", "", "3.0"),
            line("3", "gone", "2.0", ""),
        ];
        assert_eq!(seen(&old, &new), expected);
    }

    #[test]
    fn the_same_print_read_by_other_marks_differs() {
        let with = |number: &str| ObservationRow { number: Some(number.into()), ..row("2", "A", "Pb", "1.234") };
        let change = |old: &str, new: &str| pairs(&[with(old)], &[with(new)])[0].change();
        assert_eq!((change("1.234", "1.234"), change("1.234", "1234")), (Change::Same, Change::Differs));
        assert_eq!(texts(&with("1234"))[2], "1.234 = 1234");
    }

    #[test]
    fn equal_rows_of_one_place_are_each_paired_once() {
        let old = [row("1", "A", "Pb", "1"), row("1", "A", "Pb", "1")];
        let new = [row("1", "A", "Pb", "1"), row("1", "A", "Pb", "1"), row("1", "A", "Pb", "1")];
        let changes: Vec<&str> = pairs(&old, &new).iter().map(|pair| pair.change().code()).collect();
        assert_eq!(changes, ["same", "same", "added"]);
    }
}
