//! Which transfers are compared: of every ten, in order of their ids, the one whose hash under the period's seed is the
//! smallest. Nobody can choose them, and everybody can repeat the draw.

use crate::domain::hash::sha256_of;

/// Ten per cent.
const ONE_OF: usize = 10;

/// The transfers that are drawn from a period's, given in order. The last ones, when they are fewer than ten, are drawn from
/// when the period is over: until then another could still come among them.
pub fn chosen(seed: &str, transfers: &[i64], is_over: bool) -> Vec<i64> {
    let place = |id: &i64| sha256_of(format!("{seed}\n{id}").as_bytes());
    let tens = transfers.chunks(ONE_OF).filter(|ten| is_over || ten.len() == ONE_OF);
    tens.filter_map(|ten| ten.iter().copied().min_by_key(place)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Worked out with `for n in $(seq 1 24); do printf 'a-log:2026-11\n%d' $n | sha256sum; done`.
    // Requirement: Q711-6
    #[test]
    fn one_of_ten_is_drawn_and_the_draw_can_be_repeated() {
        let transfers: Vec<i64> = (1..=24).collect();
        assert_eq!(chosen("a-log:2026-11", &transfers, true), [7, 19, 21]);
        assert_eq!(chosen("a-log:2026-11", &transfers, false), [7, 19], "the month goes on");
        assert_eq!(chosen("a-log:2026-11", &transfers[..9], false), [0; 0]);
        assert_ne!(chosen("a-log:2026-12", &transfers, true), [7, 19, 21], "another month, another draw");
    }
}
