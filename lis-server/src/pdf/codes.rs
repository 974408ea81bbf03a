//! Codes for scanners, drawn as SVG and handed to the template together with their text.

use barcoders::sym::code128;
use qrcode::{EcLevel, render::svg};
use serde::Serialize;

use super::PdfError;

/// A QR code (ISO/IEC 18004), error correction level M, with its quiet zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct QrCode {
    text: String,
    svg: String,
}

impl QrCode {
    /// Draws a text, usually the address of the public check page. Fails when it is longer than a code can hold (2,331 bytes).
    pub fn of(text: impl Into<String>) -> Result<Self, PdfError> {
        let text = text.into();
        let code = qrcode::QrCode::with_error_correction_level(&text, EcLevel::M).map_err(|error| PdfError::Code {
            kind: "QR code",
            text: text.clone(),
            reason: error.to_string(),
        })?;
        let svg = code.render::<svg::Color>().min_dimensions(1, 1).quiet_zone(true).build();
        Ok(Self { text, svg })
    }
}

/// A Code 128 bar code (ISO/IEC 15417) with its quiet zone of ten modules on either side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Code128 {
    text: String,
    svg: String,
}

impl Code128 {
    /// Draws a label code: printable ASCII, at most 40 characters. Digits in even number, as in a label code, use the dense
    /// character set C.
    pub fn of(text: impl Into<String>) -> Result<Self, PdfError> {
        let text = text.into();
        let refuse = |reason: &str| PdfError::Code { kind: "Code 128", text: text.clone(), reason: reason.into() };
        if text.is_empty() || text.len() > CODE_128_LENGTH || !text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
            return Err(refuse("it takes 1 to 40 printable ASCII characters"));
        }
        let digits = text.len() % 2 == 0 && text.bytes().all(|byte| byte.is_ascii_digit());
        let set = if digits { SET_C } else { SET_B };
        let bars = code128::Code128::new(format!("{set}{text}")).map_err(|error| refuse(&error.to_string()))?.encode();
        let svg = bars_as_svg(&bars);
        Ok(Self { text, svg })
    }
}

/// Draws modules (1 is dark) as one path, neighbouring dark ones as one bar, so that no viewer shows a seam between them.
fn bars_as_svg(modules: &[u8]) -> String {
    let width = modules.len() + 2 * QUIET_ZONE;
    let mut path = String::new();
    let mut x = QUIET_ZONE;
    for bar in modules.chunk_by(|left, right| left == right) {
        if bar[0] == 1 {
            path.push_str(&format!("M{x} 0h{run}v{BAR_HEIGHT}h-{run}z", run = bar.len()));
        }
        x += bar.len();
    }
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {BAR_HEIGHT}"><path fill="#000" d="{path}"/></svg>"##
    )
}

/// Characters: longer ones do not fit on a container.
const CODE_128_LENGTH: usize = 40;

/// How barcoders names the character sets.
const SET_B: char = '\u{0181}';
const SET_C: char = '\u{0106}';

/// ISO/IEC 15417, 4.3: ten modules without bars.
const QUIET_ZONE: usize = 10;

/// Modules. The template stretches the drawing to the label; only the proportion of the picture depends on it.
const BAR_HEIGHT: u32 = 40;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_128_refuses_what_it_cannot_hold() {
        for text in ["", "样品", "a\nb", &"1".repeat(41)] {
            let error = Code128::of(text).expect_err(text);
            assert!(error.to_string().contains("1 to 40 printable ASCII characters"), "{error}");
        }
    }

    #[test]
    fn ten_digits_take_five_symbols() {
        // Quiet zones 2 x 10, start, five pairs, check symbol: 11 modules each; stop: 13.
        let digits = Code128::of("4820175936").expect("digits");
        assert!(digits.svg.contains("viewBox=\"0 0 110 40\""), "{}", digits.svg);
        // Eleven characters in set B: 20 + 11 + 121 + 11 + 13.
        let mixed = Code128::of("BZ2611-J-01").expect("letters");
        assert!(mixed.svg.contains("viewBox=\"0 0 176 40\""), "{}", mixed.svg);
    }

    #[test]
    fn a_qr_code_refuses_a_book() {
        assert!(QrCode::of("https://lis.example/r/8F3K").is_ok());
        let error = QrCode::of("x".repeat(5000)).expect_err("too long");
        assert!(error.to_string().contains("data too long"), "{error}");
    }
}
