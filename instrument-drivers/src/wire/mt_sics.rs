//! METTLER TOLEDO MT-SICS: the weight line of a balance.
//!
//! Weight answer: `id | blank | status | blank | value, 10 right-aligned | blank | unit`. Reading weights into
//! observations is the profile's work; this file is for simulators and tests. Source: MT-SICS Reference Manual
//! 11780711, PROTOCOLS 3.

/// A weight line with its fixed layout and CR LF.
pub fn weight_line(id: &str, stable: bool, value: &str, unit: &str) -> String {
    format!("{id} {} {value:>10} {unit}\r\n", if stable { 'S' } else { 'D' })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weight_line_has_the_fixed_layout() {
        assert_eq!(weight_line("S", true, "100.00", "g"), "S S     100.00 g\r\n");
        assert_eq!(weight_line("S", false, "-0.0012", "g"), "S D    -0.0012 g\r\n");
    }
}
