//! How a benchmark says whether a figure reached its aim. It judges nothing: on a busy machine figures are low.

/// `aim 0.6: met, 0.71` or `aim 0.6: NOT met, 0.52`, for a figure that should be at least the aim.
pub fn at_least(aim: f64, reached: f64) -> String {
    said(aim, reached, reached >= aim)
}

/// The same for a figure that should be at most the aim.
pub fn at_most(aim: f64, reached: f64) -> String {
    said(aim, reached, reached <= aim)
}

fn said(aim: f64, reached: f64, is_met: bool) -> String {
    let met = if is_met { "met" } else { "NOT met" };
    // A ratio with two decimals, a rate or a size without.
    let decimals = if aim < 10.0 { 2 } else { 0 };
    format!("aim {aim}: {met}, {reached:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_aim_is_met_or_not() {
        assert_eq!(at_least(0.6, 0.714), "aim 0.6: met, 0.71");
        assert_eq!(at_least(1_000.0, 999.4), "aim 1000: NOT met, 999");
        assert_eq!(at_most(64.0, 38.2), "aim 64: met, 38");
        assert_eq!(at_most(64.0, 64.6), "aim 64: NOT met, 65");
    }
}
